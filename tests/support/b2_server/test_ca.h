#pragma once

#include <string>

#include "targets/base/result.h"

namespace runner::testing::b2 {

/// The PEM files of a certificate authority made for one server, and of its only certificate, which
/// is good for *.backblazeb2.com, backblazeb2.com, localhost and 127.0.0.1.
struct TestCa {
  std::string ca_file;  // what a client must trust
  std::string leaf_file;
  std::string leaf_key_file;
};

/// Makes fresh keys and writes ca.pem, leaf.pem and leaf-key.pem into `folder`, which it creates.
targets::Result<TestCa> MakeTestCa(const std::string& folder);

}  // namespace runner::testing::b2
