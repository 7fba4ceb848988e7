#include "test_places.hpp"

#include <algorithm>

namespace skep {
namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown_max); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > shown_max ? text + ", ..." : text;
}

const std::string* option(const GatewaySpec& gateway, std::string_view key) {
  const auto* value = gateway.options.find(key);
  return value != nullptr ? std::get_if<std::string>(&value->value) : nullptr;
}

/// Of those types that have frames at all.
bool has_lines(const GatewaySpec& gateway) {
  const auto* framing = option(gateway, "framing");
  return gateway.type == "file" || (gateway.type == "tcp" && (framing == nullptr || *framing == "line"));
}

}  // namespace

TestPlaces::TestPlaces(const SwarmSpec& spec, ProblemList& problems) : spec_(spec), problems_(problems) {
  for (const auto& bee : spec.bees) {
    for (const auto& edge : bee.from) read_.insert(edge.from);
  }
  for (const auto& gateway : spec.gateways) {
    for (const auto& edge : gateway.from) read_.insert(edge.from);
  }
}

void TestPlaces::error(SourcePosition where, std::string message, std::string suggestion) {
  if (!problems_.lines_missing) problems_.error(where, std::move(message), std::move(suggestion));
}

bool TestPlaces::takes(const GatewaySpec& gateway) const {
  return !gateway.answers.empty() || read_.contains(gateway.name);
}

bool TestPlaces::gives(const GatewaySpec& gateway) const {
  return !gateway.answers.empty() || !gateway.from.empty();
}

std::vector<std::string> TestPlaces::names(Holds holds) const {
  std::vector<std::string> names;
  for (const auto& gateway : spec_.gateways) {
    if ((this->*holds)(gateway)) names.push_back(gateway.name);
  }
  return names;
}

const GatewaySpec* TestPlaces::named(const std::string& name, SourcePosition where) {
  const auto* gateway = spec_.gateway(name);
  if (gateway != nullptr) return gateway;
  std::vector<std::string> all;
  for (const auto& each : spec_.gateways) all.push_back(each.name);
  error(where, "unknown gateway '" + name + "'", suggest(name, all));
  return nullptr;
}

const GatewaySpec* TestPlaces::only(Holds holds, SourcePosition where, const std::string& what) {
  const auto all = names(holds);
  if (all.size() == 1) return spec_.gateway(all.front());
  if (all.empty()) {
    error(where, "no gateway of this swarm " + what);
  } else {
    error(where, "which gateway? " + std::to_string(all.size()) + " of this swarm could be meant",
          "gateway = \"...\", one of: " + listed(all));
  }
  return nullptr;
}

std::string TestPlaces::source(TableReader& reader, SourcePosition where) {
  const GatewaySpec* gateway = nullptr;
  if (const auto* member = reader.find("gateway")) {
    if (const auto name = reader.text("gateway")) gateway = named(*name, member->value.position);
    if (gateway != nullptr && !takes(*gateway)) {
      error(member->value.position, "nothing reads gateway '" + gateway->name + "', so nothing can be sent to it",
            "those that are read: " + listed(names(&TestPlaces::takes)));
    }
  } else if (reader.misspelt("gateway") == nullptr) {
    gateway = only(&TestPlaces::takes, where, "takes records");
  }
  return gateway != nullptr ? gateway->name : "";
}

void TestPlaces::fill(TableReader& reader, const TestStep& step, TestExpect& expect) {
  const auto* gateway = target(reader, step, expect);
  const auto* sent = reader.find("sent");
  const auto* flag = sent != nullptr ? std::get_if<bool>(&sent->value.value) : nullptr;
  if (sent != nullptr && flag == nullptr) report_type(sent->value, "'sent' to be true or false", problems_);
  if (gateway == nullptr) {
    static_cast<void>(reader.find("session"));
    return;
  }
  expect.gateway = gateway->name;
  expect.answers = gateway->from.empty() || !gateway->answers.empty();
  if (flag != nullptr && *flag) {
    if (gateway->from.empty()) error(sent->key_position, "gateway '" + gateway->name + "' sends nothing out");
    expect.answers = false;
  }
  if (expect.what == TestExpect::What::records && expect.answers && gateway->answers.empty()) {
    static_cast<void>(reader.find("session"));
    return error(expect.position, "gateway '" + gateway->name + "' gives no records: it neither answers nor sends out",
                 "its clients may be told errors");
  }
  check_session(reader, step, expect);
  if (expect.what == TestExpect::What::errors && !expect.answers) {
    error(expect.position, "what goes out at gateway '" + gateway->name + "' is records, no errors");
  }
}

const GatewaySpec* TestPlaces::target(TableReader& reader, const TestStep& step, const TestExpect& expect) {
  if (const auto* member = reader.find("gateway")) {
    const auto name = reader.text("gateway");
    return name ? named(*name, member->value.position) : nullptr;
  }
  return reader.misspelt("gateway") == nullptr ? default_target(step, expect) : nullptr;
}

/// The one that the step sends to, if its clients hear something; else the only one that gives records.
const GatewaySpec* TestPlaces::default_target(const TestStep& step, const TestExpect& expect) {
  if (!step.sends.empty()) {
    const auto* gateway = spec_.gateway(step.sends.front().gateway);
    const bool one = std::ranges::all_of(
        step.sends, [&](const TestSend& send) { return send.gateway == step.sends.front().gateway; });
    const bool hears = gateway != nullptr && (!gateway->answers.empty() || expect.what == TestExpect::What::errors);
    if (one && hears) return gateway;
    if (gateway == nullptr) return nullptr;  // said where it is sent
  }
  return only(&TestPlaces::gives, expect.position, "answers or sends records out");
}

void TestPlaces::check_session(TableReader& reader, const TestStep& step, TestExpect& expect) {
  const auto* member = reader.find("session");
  if (!expect.answers) {
    if (member != nullptr) error(member->key_position, "what goes out at a gateway is of no session");
    return;
  }
  const auto& known = sessions_[expect.gateway];
  if (member != nullptr) {
    expect.session = reader.text("session").value_or("");
  } else if (!step.sends.empty() && step.sends.front().gateway == expect.gateway) {
    expect.session = step.sends.front().session;
  } else if (known.size() == 1) {
    expect.session = *known.begin();
  }
  if (known.contains(expect.session)) return;
  const auto at = member != nullptr ? member->value.position : expect.position;
  const auto which = expect.session.empty() ? "a session without a name" : "session '" + expect.session + "'";
  std::vector<std::string> names(known.begin(), known.end());
  std::erase(names, "");
  error(at, "nothing was sent to gateway '" + expect.gateway + "' on " + which + " before",
        names.empty() ? "" : suggest(expect.session, names));
}

void TestPlaces::check_bee(const std::string& bee, const OptionValue& value) {
  if (spec_.bee(bee) != nullptr) return;
  std::vector<std::string> all;
  for (const auto& each : spec_.bees) all.push_back(each.name);
  error(value.position, "unknown bee '" + bee + "'", suggest(bee, all));
}

void TestPlaces::check_lines(const TestSend& send) {
  const auto* gateway = spec_.gateway(send.gateway);
  if (gateway == nullptr || !has_lines(*gateway)) return;
  const auto broken = std::ranges::find_if(
      send.records, [](const TestRecord& record) { return record.bytes.find('\n') != std::string::npos; });
  if (broken == send.records.end()) return;
  problems_.error(broken->position,
                  "a record with a line end in it, sent to gateway '" + gateway->name + "', whose records are lines",
                  "a record for each line");
}

}  // namespace skep
