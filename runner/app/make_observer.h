#pragma once

#include <memory>

#include "runner/app/console.h"
#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "targets/model/config.h"

namespace runner {

/// Who reads along.
enum class Audience {
  kPerson,  // typed the command and waits: bars on a terminal, else a line of progress each minute
  kLog,     // the daemon's: a line of progress each ten minutes
};

/// The observer that `config.logging` asks for: the console in its format, and with `logging.dir`
/// the files there too. Debug lines with `debug` (--debug) or `logging.level: debug`. `console` and
/// `clock` outlive it, `config` need not.
std::unique_ptr<Observer> MakeObserver(Console& console, const Clock& clock,
                                       const targets::Config& config, Audience audience,
                                       bool debug);

}  // namespace runner
