// Keeps the overview fresh. The page says the same without it.
"use strict";
(() => {
  const running = document.getElementById("running");
  if (!running || !window.EventSource) return;
  let version = "";
  const refresh = async () => {
    const answer = await fetch("/", {cache: "no-store"});
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    // What somebody types or points at stays.
    if (fresh && !document.querySelector("main form:focus-within"))
      document.querySelector("main").replaceChildren(...fresh.childNodes);
  };
  const events = new EventSource("/events");
  events.addEventListener("look", (event) => {
    const look = JSON.parse(event.data);
    if (version && look.version !== version) refresh();
    version = look.version;
    const list = document.getElementById("running");
    const page = new DOMParser().parseFromString(look.running, "text/html");
    if (list) list.replaceChildren(...page.body.childNodes);
  });
})();
