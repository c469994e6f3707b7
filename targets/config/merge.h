#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "targets/config/layer.h"
#include "targets/config/load.h"
#include "targets/config/problems.h"
#include "targets/yaml/yaml_document.h"

namespace targets {

/// A value that an environment variable gave, kept alive for the leaves that point into it.
struct Fragment {
  YamlDocument document;
  ValueSource source;
};

/// A configuration on its way from texts to a Config: its layers, what is wrong with them, and the
/// texts themselves.
struct Merge {
  Layer top;                             // everything but targets
  std::map<std::string, Layer> targets;  // merged; by id
  Problems problems;
  std::deque<Fragment> fragments;  // a deque: leaves point into it
  std::set<std::string> misspelt;  // required top-level keys of which there is only a misspelt one
  bool environment_mode = false;
  bool has_repository = false;  // the file has that key
};

}  // namespace targets
