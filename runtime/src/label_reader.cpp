#include "label_reader.hpp"

#include <algorithm>
#include <span>

#include "net/peer_identity.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"

namespace skep {

namespace {

/// What there is against a label after others; empty: nothing.
std::string objection(const std::string& label, std::span<const std::string> before) {
  if (const auto checked = check_peer_name("label", label); !checked) {
    return "'" + label + "' is no label: " + checked.error().message;
  }
  return std::ranges::find(before, label) != before.end() ? "label '" + label + "' is there twice" : std::string();
}

std::string too_many(std::size_t count) {
  return "has " + std::to_string(count) + " labels, more than " + std::to_string(limits::node_labels_max);
}

}  // namespace

std::vector<std::string> read_labels(const OptionValue& value, std::string_view key, ProblemList& problems) {
  const auto quoted = "'" + std::string(key) + "'";
  const auto* list = std::get_if<OptionValue::Array>(&value.value);
  if (list == nullptr) {
    report_type(value, quoted + " to be a list of labels, such as [\"gpu\"]", problems);
    return {};
  }
  if (list->size() > limits::node_labels_max) {
    problems.error(value.position, quoted + " " + too_many(list->size()));
    return {};
  }
  std::vector<std::string> labels;
  for (const auto& element : *list) {
    const auto* label = std::get_if<std::string>(&element.value);
    if (label == nullptr) {
      report_type(element, "a label", problems);
    } else if (auto wrong = objection(*label, labels); !wrong.empty()) {
      problems.error(element.position, std::move(wrong));
    } else {
      labels.push_back(*label);
    }
  }
  return labels;
}

void check_labels(const std::vector<std::string>& labels, const std::string& what, SourcePosition position,
                  ProblemList& problems) {
  if (labels.size() > limits::node_labels_max) return problems.error(position, what + " " + too_many(labels.size()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto wrong = objection(labels[i], std::span(labels).first(i));
    if (!wrong.empty()) problems.error(position, what + ": " + wrong);
  }
}

}  // namespace skep
