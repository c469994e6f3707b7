#include "targets/schedule/jitter.h"

namespace targets {

std::uint64_t StableHash(std::string_view text) {
  constexpr std::uint64_t kOffsetBasis = 14695981039346656037ULL;
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  std::uint64_t hash = kOffsetBasis;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  }
  hash ^= hash >> 33U;  // the finisher of MurmurHash3
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33U;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33U);
}

Duration JitterOffset(std::string_view seed, Duration jitter) {
  if (jitter <= Duration{0}) return Duration{0};
  const std::uint64_t choices = static_cast<std::uint64_t>(jitter.count()) + 1;
  return Duration{static_cast<Duration::rep>(StableHash(seed) % choices)};
}

}  // namespace targets
