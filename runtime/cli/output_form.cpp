#include "output_form.hpp"

#include "skep/actors/option.hpp"

namespace skep::cli {

void add_output_option(options::options_description& table) {
  table.add_options()("output,o", options::value<std::string>()->default_value("text", "")->value_name("FORM"),
                      "text for people or json for programs (default: text)");
}

Result<OutputForm> output_form(const Arguments& arguments) {
  const auto& name = arguments.values["output"].as<std::string>();
  if (name == "text") return OutputForm::text;
  if (name == "json") return OutputForm::json;
  return Error{errc::invalid_argument, "no output form '" + name + "' (" + suggest(name, {"text", "json"}) + ")"};
}

}  // namespace skep::cli
