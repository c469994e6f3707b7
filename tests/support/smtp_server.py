#!/usr/bin/python3
"""An SMTP server for tests, made of Debian's python3-aiosmtpd: smtp_server.py MODE FOLDER [CERTIFICATE KEY]

MODE: starttls (nothing without it; AUTH PLAIN alone), tls (from the first byte; AUTH LOGIN alone), none. Takes mails of the user "runner" with the password
"geheim77", and with MODE none of anybody; refuses the recipient refused@example.com. Each mail becomes FOLDER/N.eml, the
envelope in front. Prints "port N" when it listens on 127.0.0.1.
"""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])


class Recorder:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "refused@example.com":
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Recorder.count += 1
        tls = server.transport.get_extra_info("ssl_object") is not None
        head = f"MAIL {envelope.mail_from}\nRCPT {' '.join(envelope.rcpt_tos)}\nTLS {tls}\n\n"
        part = folder / f"{Recorder.count}.part"
        part.write_bytes(head.encode() + envelope.content.replace(b"\r\n", b"\n"))
        part.rename(folder / f"{Recorder.count}.eml")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"runner" and data.password == b"geheim77", handled=False)


def make_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    return context


def make_session():
    if mode == "none":
        return SMTP(Recorder(), enable_SMTPUTF8=False)
    starttls = {"tls_context": make_context(), "require_starttls": True} if mode == "starttls" else {}
    return SMTP(Recorder(), authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls",
                auth_exclude_mechanism=["LOGIN" if mode == "starttls" else "PLAIN"], enable_SMTPUTF8=False, **starttls)


async def main():
    context = make_context() if mode == "tls" else None
    server = await asyncio.get_running_loop().create_server(make_session, "127.0.0.1", 0, ssl=context)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
