#include <algorithm>

#include "graph_parts.hpp"
#include "printable.hpp"

namespace skep {

namespace {

/// Characters on a terminal: every byte that does not continue a UTF-8 sequence.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// A tree from each gateway along the edges. Who has several senders is drawn whole under the first, and named with an
/// arrow up under the others.
class TextDrawing {
 public:
  explicit TextDrawing(const GraphParts& parts) : parts_(parts), drawn_(parts.size()), has_sender_(parts.size()) {
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
    if (!rows_.empty()) rows_.emplace_back();
    drawn_[node] = true;
    rows_.push_back({parts_.title(node), parts_.kind(node), parts_.notes(node)});
    draw_arrows(node, "");
  }

  void draw_arrows(std::size_t node, const std::string& prefix) {
    const auto& arrows = parts_.arrows_from(node);
    for (std::size_t at = 0; at < arrows.size(); ++at) {
      const bool last = at + 1 == arrows.size();
      const auto& arrow = parts_.arrows()[arrows[at]];
      draw_arrow(arrow, prefix + (last ? "└" : "├"), prefix + (last ? "     " : "│    "));
    }
  }

  void draw_arrow(const GraphArrow& arrow, const std::string& lead, const std::string& prefix) {
    const std::string line = arrow.answer ? "┄" : "─";
    const std::string shaft = arrow.port.empty() ? line + line : line + " " + arrow.port + " " + line;
    const std::string tip = lead + shaft + "▶ ";
    if (arrow.answer) {
      rows_.push_back({tip + parts_.name(arrow.to), "answers", ""});
    } else if (drawn_[arrow.to] || (parts_.is_gateway(arrow.to) && sends(arrow.to))) {
      const bool above = drawn_[arrow.to] && !parts_.is_gateway(arrow.to);
      rows_.push_back({tip + parts_.name(arrow.to) + (above ? " ↑" : ""), "", arrow.notes});
    } else {
      drawn_[arrow.to] = true;
      rows_.push_back(
          {tip + parts_.title(arrow.to), parts_.kind(arrow.to), join({arrow.notes, parts_.notes(arrow.to)}, ", ")});
      draw_arrows(arrow.to, prefix);
    }
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
  std::vector<bool> has_sender_;
  std::vector<Row> rows_;
};

}  // namespace

std::string draw_text(const SwarmSpec& spec) {
  const GraphParts parts(spec);
  return printable(spec.name) + "\n\n" + TextDrawing(parts).draw();
}

}  // namespace skep
