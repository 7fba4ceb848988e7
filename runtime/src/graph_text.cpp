#include <algorithm>
#include <deque>

#include "graph_parts.hpp"
#include "skep/runtime/printable.hpp"

namespace skep {

namespace {

/// Characters on a terminal: every byte that does not continue a UTF-8 sequence.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Levels of one tree: past these its branches are drawn below, as trees of their own. So a line has its bounds, and a
/// drawing of many bees grows with their number, not with its square.
constexpr std::size_t levels_max = 12;

/// A tree from each gateway along the edges. Who has several senders is drawn whole under the first, and named with an
/// arrow up under the others. An arrow down is beside who is drawn further below.
class TextDrawing {
 public:
  explicit TextDrawing(const GraphParts& parts)
      : parts_(parts), drawn_(parts.size()), below_(parts.size()), has_sender_(parts.size()) {
    for (const auto& arrow : parts.arrows()) has_sender_[arrow.to] = has_sender_[arrow.to] || !arrow.answer;
  }

  std::string draw() {
    for (std::size_t node = 0; node < parts_.size(); ++node) {
      if (parts_.is_gateway(node) && (!has_sender_[node] || sends(node))) draw_root(node);
    }
    for (std::size_t node = 0; node < parts_.size(); ++node) {
      if (!drawn_[node]) draw_root(node);  // wired wrongly; lint says how
    }
    return lay_out();
  }

 private:
  struct Row {
    std::string tree;
    std::string kind;
    std::string notes;
  };

  [[nodiscard]] bool sends(std::size_t node) const {
    return std::ranges::any_of(parts_.arrows_from(node),
                               [&](std::size_t arrow) { return !parts_.arrows()[arrow].answer; });
  }

  void draw_root(std::size_t node) {
    if (drawn_[node]) return;
    draw_tree(node);
    while (!waiting_.empty()) {
      const auto next = waiting_.front();
      waiting_.pop_front();
      draw_tree(next);
    }
  }

  void draw_tree(std::size_t node) {
    if (!rows_.empty()) rows_.emplace_back();
    drawn_[node] = true;
    below_[node] = false;
    rows_.push_back({parts_.title(node), parts_.kind(node), parts_.notes(node)});
    draw_arrows(node, "", 1);
  }

  void draw_arrows(std::size_t node, const std::string& prefix, std::size_t level) {
    const auto& arrows = parts_.arrows_from(node);
    for (std::size_t at = 0; at < arrows.size(); ++at) {
      const bool last = at + 1 == arrows.size();
      const auto& arrow = parts_.arrows()[arrows[at]];
      draw_arrow(arrow, prefix + (last ? "└" : "├"), prefix + (last ? "     " : "│    "), level);
    }
  }

  void draw_arrow(const GraphArrow& arrow, const std::string& lead, const std::string& prefix, std::size_t level) {
    const std::string line = arrow.answer ? "┄" : "─";
    const std::string shaft = arrow.port.empty() ? line + line : line + " " + arrow.port + " " + line;
    const std::string tip = lead + shaft + "▶ ";
    if (arrow.answer) {
      rows_.push_back({tip + parts_.name(arrow.to), "answers", arrow.notes});
    } else if (below_[arrow.to] || draws_below(arrow.to, level)) {
      rows_.push_back({tip + parts_.name(arrow.to) + " ↓", "", arrow.notes});
    } else if (drawn_[arrow.to] || (parts_.is_gateway(arrow.to) && sends(arrow.to))) {
      const bool above = drawn_[arrow.to] && !parts_.is_gateway(arrow.to);
      rows_.push_back({tip + parts_.name(arrow.to) + (above ? " ↑" : ""), "", arrow.notes});
    } else {
      drawn_[arrow.to] = true;
      rows_.push_back(
          {tip + parts_.title(arrow.to), parts_.kind(arrow.to), join({arrow.notes, parts_.notes(arrow.to)}, ", ")});
      draw_arrows(arrow.to, prefix, level + 1);
    }
  }

  /// Whether a node is left to a tree of its own: at the last level, if more than an answer follows it.
  bool draws_below(std::size_t node, std::size_t level) {
    if (level < levels_max || drawn_[node] || parts_.is_gateway(node) || !sends(node)) return false;
    below_[node] = true;
    waiting_.push_back(node);
    return true;
  }

  std::string lay_out() const {
    std::size_t tree_width = 0, kind_width = 0;
    for (const auto& row : rows_) {
      tree_width = std::max(tree_width, width(row.tree));
      kind_width = std::max(kind_width, width(row.kind));
    }
    std::string text;
    for (const auto& row : rows_) {
      std::string line = row.tree + std::string(tree_width - width(row.tree) + 3, ' ') + row.kind;
      if (!row.notes.empty()) line += std::string(kind_width - width(row.kind) + 3, ' ') + row.notes;
      line.erase(line.find_last_not_of(' ') + 1);
      text += printable(line) + "\n";
    }
    return text;
  }

  const GraphParts& parts_;
  std::vector<bool> drawn_;
  std::vector<bool> below_;          // waits to be drawn
  std::deque<std::size_t> waiting_;  // trees to come, below the one at hand
  std::vector<bool> has_sender_;
  std::vector<Row> rows_;
};

}  // namespace

std::string draw_text(const SwarmSpec& spec, const PortTypes& types) {
  const GraphParts parts(spec, types);
  return printable(spec.name) + "\n\n" + TextDrawing(parts).draw();
}

}  // namespace skep
