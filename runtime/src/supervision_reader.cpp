#include "supervision_reader.hpp"

#include <algorithm>
#include <array>

#include "skep/actors/limits.hpp"

namespace skep {
namespace {

constexpr std::array<std::string_view, 3> supervision_keys{"restart", "strategy", "supervision"};

std::optional<Strategy> strategy_from(std::string_view text) {
  if (text == "one_for_one") return Strategy::one_for_one;
  if (text == "one_for_all") return Strategy::one_for_all;
  if (text == "rest_for_one") return Strategy::rest_for_one;
  return std::nullopt;
}

std::optional<Restart> restart_from(std::string_view text) {
  if (text == "permanent") return Restart::permanent;
  if (text == "transient") return Restart::transient;
  if (text == "temporary") return Restart::temporary;
  return std::nullopt;
}

}  // namespace

void read_supervision(const OptionValue& value, SwarmSpec& spec, ProblemList& problems) {
  if (!std::holds_alternative<OptionValue::Table>(value.value)) {
    return report_type(value, "'supervision' to be a table", problems);
  }
  TableReader reader(value, "'supervision'", value.position, problems);
  auto& settings = spec.supervision;
  spec.supervision_position = value.position;
  settings.strategy = reader.choice("strategy", {"one_for_one", "one_for_all", "rest_for_one"}, strategy_from)
                          .value_or(settings.strategy);
  settings.intensity = reader.count("intensity", 0, limits::restart_intensity_max).value_or(settings.intensity);
  if (const auto* intensity = reader.find("intensity")) spec.supervision_position = intensity->value.position;
  const auto period = reader.duration("period", limits::restart_period_max);
  if (period && *period == std::chrono::nanoseconds::zero()) {
    problems.error(reader.find("period")->value.position, "'period' is 0, out of range",
                   "intensity = 0 bears no restart");
  } else {
    settings.period = period.value_or(settings.period);
  }
  reader.report_unknown_keys();
}

void read_dead_letters(const OptionValue& value, SwarmSpec& spec, ProblemList& problems) {
  if (!std::holds_alternative<OptionValue::Table>(value.value)) {
    return report_type(value, "'dead_letters' to be a table", problems);
  }
  TableReader reader(value, "'dead_letters'", value.position, problems);
  auto& settings = spec.dead_letters;
  if (const auto count = reader.count("records_max", 0, limits::dead_letter_records_max)) settings.records_max = *count;
  settings.bytes_max = reader.bytes("bytes_max").value_or(settings.bytes_max);
  reader.report_unknown_keys();
}

Restart read_restart(TableReader& reader) {
  return reader.choice("restart", {"permanent", "transient", "temporary"}, restart_from).value_or(Restart::permanent);
}

bool is_supervision_key(std::string_view key) {
  return std::ranges::find(supervision_keys, key) != supervision_keys.end();
}

void refuse_supervision_keys(const OptionValue::Table& gateway, ProblemList& problems) {
  for (const auto& member : gateway) {
    if (!is_supervision_key(member.key)) continue;
    problems.error(member.key_position, "a gateway has no '" + member.key + "'",
                   "gateways are always restarted, each by itself: permanent, one_for_one");
  }
}

}  // namespace skep
