#pragma once
// Labels: the words by which swarms say on which nodes of a cluster their parts run, and nodes what they are.
//
// They are made as the names of nodes are, for a node's name is one of its labels.

#include <string>
#include <string_view>
#include <vector>

#include "problem_list.hpp"

namespace skep {

/// A list of at most limits::node_labels_max words, each once. What is wrong is reported where it stands, and left out;
/// `key` names the list.
[[nodiscard]] std::vector<std::string> read_labels(const OptionValue& value, std::string_view key,
                                                   ProblemList& problems);
/// The same of labels that are read already; `what` names them.
void check_labels(const std::vector<std::string>& labels, const std::string& what, SourcePosition position,
                  ProblemList& problems);

}  // namespace skep
