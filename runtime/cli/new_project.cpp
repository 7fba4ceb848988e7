#include "new_project.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "skep/actors/plugin.hpp"

namespace skep::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_size_max = 64;

// Of C++20, those that are written as a name of a project is ([lex.key], [lex.digraph]); and namespaces that are taken.
constexpr std::array taken{
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",      "linux",    "unix",       "std",       "skep",      "testing",      "caf",
    "capnp",       "kj"};

bool is_small_letter(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_name_letter(char c) {
  return is_small_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

std::string filled(std::string_view text, std::string_view mark, std::string_view value) {
  std::string result(text);
  for (auto at = result.find(mark); at != std::string::npos; at = result.find(mark, at + value.size())) {
    result.replace(at, mark.size(), value);
  }
  return result;
}

/// "0.1" of "0.1.2": a project asks for what its headers were.
std::string minor_version() {
  const std::string version = SKEP_VERSION;
  return version.substr(0, version.rfind('.'));
}

Error cannot_write(const fs::path& path, const std::error_code& code) {
  return {errc::io, "'" + path.string() + "' cannot be written: " + code.message()};
}

Result<void> write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return {};
  return cannot_write(path, std::error_code(errno, std::generic_category()));
}

/// Made if it is not there. Errors: it is there and has something in it, or cannot be made.
Result<void> make_empty(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return cannot_write(folder, code);
  const bool empty = fs::is_empty(folder, code);
  if (code) return cannot_write(folder, code);
  if (!empty) return Error{errc::invalid_argument, "'" + folder.string() + "' is there already, and not empty"};
  return {};
}

}  // namespace

std::string project_name_problem(std::string_view name) {
  const auto quoted = "'" + std::string(name) + "'";
  if (name.size() > name_size_max) {
    return "a project's name has at most " + std::to_string(name_size_max) + " characters";
  }
  if (name.empty() || !is_small_letter(name.front()) || !std::ranges::all_of(name, is_name_letter)) {
    return quoted + " is no project's name: it begins with a small letter, and has small letters, digits and '_'";
  }
  if (std::ranges::find(taken, name) != taken.end()) return quoted + " means something in C++, or here: take another";
  return "";
}

Result<std::vector<std::string>> write_project(const fs::path& folder) {
  const auto name = folder.filename().string();
  if (auto problem = project_name_problem(name); !problem.empty()) {
    return Error{errc::invalid_argument, std::move(problem)};
  }
  if (const auto made = make_empty(folder); !made) return made.error();
  std::vector<std::string> written;
  for (const auto& file : project_files()) {
    const auto path = filled(file.name, "@name@", name);
    const auto text = filled(filled(file.text, "@name@", name), "@version@", minor_version());
    if (const auto done = write(folder / path, text); !done) return done.error();
    written.push_back(path);
  }
  return written;
}

}  // namespace skep::cli
