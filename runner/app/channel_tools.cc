#include "runner/app/channel_tools.h"

#include "runner/app/secrets.h"

namespace runner {

ChannelTools::ChannelTools(Machine& machine, const targets::Config& config)
    : http_(machine.environment, machine.files),
      mail_(machine.environment, machine.host_name, machine.files),
      sender_({http_, mail_, machine.processes, machine.stop,
               [&machine](const targets::SecretSource& source, const std::string& key) {
                 return ResolveSecret(source, key, machine.files, machine.processes, machine.stop);
               }},
              config) {}

}  // namespace runner
