#include "targets/base/redactor.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

Redactor With(std::initializer_list<std::string> secrets) {
  Redactor redactor;
  for (const std::string& secret : secrets) redactor.Add(Secret(secret));
  return redactor;
}

TEST(Redactor, ReplacesEveryOccurrence) {
  EXPECT_EQ(With({"hunter2"}).Redact("hunter2 and xhunter2x"), "*** and x***x");
}

TEST(Redactor, RecognisesEncodedForms) {
  const Redactor redactor = With({"p@ss\"w/rd"});
  EXPECT_EQ(redactor.Redact("p%40ss%22w%2Frd"), "***");
  EXPECT_EQ(redactor.Redact("{\"x\":\"p@ss\\\"w/rd\"}"), "{\"x\":\"***\"}");
}

TEST(Redactor, RecognisesControlCharactersAsJsonWritesThem) {
  const Redactor redactor = With({"tab\there\x01"});
  EXPECT_EQ(redactor.Redact("tab\\there\\u0001"), "***");
  EXPECT_EQ(With({"a<b>&c"}).Redact("a\\u003cb\\u003e\\u0026c a<b>&c"), "*** ***");
}

TEST(Redactor, RecognisesTheLinesOfASecret) {
  EXPECT_EQ(With({"first line\nsecond line"}).Redact("it says second line"), "it says ***");
}

TEST(Redactor, LeavesNoRestWhenOneSecretContainsAnother) {
  EXPECT_EQ(With({"hunter2", "hunter2hunter3"}).Redact("hunter2hunter3"), "***");
}

TEST(Redactor, IgnoresSecretsBelowFourBytes) {
  EXPECT_EQ(With({"abc"}).Redact("abc"), "abc");
  EXPECT_EQ(With({"abcd"}).Redact("abcd"), "***");
  EXPECT_EQ(With({""}).Redact("text"), "text");
}

TEST(Redactor, GoesItsOwnWayAsACopy) {
  Redactor one = With({"hunter2"});
  const Redactor copy = one;
  one.Add(Secret("sesame"));
  EXPECT_EQ(one.Redact("hunter2 sesame"), "*** ***");
  EXPECT_EQ(copy.Redact("hunter2 sesame"), "*** sesame");
}

TEST(Redactor, HidesPasswordsOfUrls) {
  EXPECT_EQ(RedactUrlPasswords("rest:https://user:pw@host:8000/a and http://b:c@d"),
            "rest:https://user:***@host:8000/a and http://b:***@d");
  EXPECT_EQ(RedactUrlPasswords("https://user:p@ss@host/"), "https://user:***@host/");
  EXPECT_EQ(RedactUrlPasswords("https://host:8000/a@b"), "https://host:8000/a@b");
  EXPECT_EQ(RedactUrlPasswords("https://user@host"), "https://user@host");
  EXPECT_EQ(RedactUrlPasswords("://"), "://");
}

}  // namespace
}  // namespace targets
