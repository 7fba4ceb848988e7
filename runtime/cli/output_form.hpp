#pragma once
// `-o`: tables for people, JSON for programs.

#include "arguments.hpp"

namespace skep::cli {

enum class OutputForm : std::uint8_t { text, json };

void add_output_option(options::options_description& table);
/// Errors: a form that is none of the two.
[[nodiscard]] Result<OutputForm> output_form(const Arguments& arguments);

}  // namespace skep::cli
