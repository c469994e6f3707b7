#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "runner/app/command_line.h"

namespace runner {

/// What CLI11 writes into while it parses `key`.
struct KeyValues {
  std::string action;
  bool json = false;
};

/// `values` outlives the parsing.
void AddKey(CLI::App& app, KeyValues& values);

KeyOptions ChosenKey(const KeyValues& values);

}  // namespace runner
