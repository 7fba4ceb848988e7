// skep pki <init|issue|renew|show|revoke>: the certificates of a cluster.

#include <algorithm>
#include <array>
#include <string_view>

#include "output_form.hpp"
#include "pki_verbs.hpp"
#include "skep/actors/option.hpp"

namespace skep::cli {
namespace {

struct SubVerb {
  std::string_view name;
  std::vector<std::string_view> options;
  std::size_t words;
  std::string_view needs;
  int (*run)(const PkiCall& call);
};

const std::array<SubVerb, 5>& sub_verbs() {
  static const std::array<SubVerb, 5> table{{
      {"init", {"dir", "cluster", "algorithm", "days"}, 0, "no more than options", pki_init},
      {"issue", {"dir", "algorithm", "days", "dns", "ip", "out", "force"}, 2, "node or admin, and a name", pki_issue},
      {"renew", {"dir", "days", "new-key"}, 1, "the file of a certificate", pki_renew},
      {"show", {"dir", "output"}, 1, "the file of a certificate, or the folder of an authority", pki_show},
      {"revoke", {"dir"}, 1, "a name or a serial", pki_revoke},
  }};
  return table;
}

options::options_description table() {
  const auto text = [](const char* name) { return options::value<std::string>()->value_name(name); };
  options::options_description table;
  auto add = table.add_options();
  add("dir", text("DIR")->default_value("pki", ""), "the folder of the authority (default: pki)");
  add("cluster", text("NAME"), "init: whose authority it is");
  add("algorithm", text("NAME")->default_value("p256", ""), "init, issue: p256 or ed25519 (default: p256)");
  add("days", options::value<int>()->value_name("N"), "init, issue, renew: valid for so long (default: 3650 and 90)");
  add("dns", options::value<Words>()->value_name("HOST"), "issue: a host name of it; may be repeated");
  add("ip", options::value<Words>()->value_name("ADDRESS"), "issue: an address of it; may be repeated");
  add("out", text("DIR")->default_value(".", ""),
      "issue: where the files go; it is made if need be (default: the current folder)");
  add("force", options::bool_switch(), "issue: over files that are there");
  add("new-key", options::bool_switch(), "renew: with another key");
  add_output_option(table);
  return table;
}

std::string help() {
  return "  init    makes the authority of a cluster: ca.pem, and ca.key, which stays where it is\n"
         "  issue   makes a certificate and a key: NAME.pem and NAME.key, with ca.pem beside them\n"
         "  renew   makes a new certificate over an old one, for the same name, with the same key\n"
         "  show    says what a certificate holds, or all those of an authority\n"
         "  revoke  puts a certificate on the list denied.txt, which is for every node\n\n"
         "Options:\n" +
         to_string(table()) +
         "\nExamples:\n  skep pki init --cluster demo\n  skep pki issue node worker-1 --dns worker-1.example.org\n"
         "  skep pki renew worker-1.pem\n  skep pki show pki\n  skep pki revoke worker-1\n";
}

/// The first option that was given and is none of the sub-verb's; or "".
std::string foreign_option(const SubVerb& verb, const Arguments& arguments) {
  for (const auto& [name, value] : arguments.values) {
    const bool given = !value.defaulted() && name != "file";
    if (given && std::ranges::find(verb.options, name) == verb.options.end()) return name;
  }
  return "";
}

int run(const Words& words) {
  auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(pki_verb, arguments.error().message);
  Words names;
  for (const auto& verb : sub_verbs()) names.emplace_back(verb.name);
  const auto& given = arguments->files;
  if (given.empty()) return usage_error(pki_verb, "what is to be done? It takes init, issue, renew, show or revoke");
  const auto found = std::ranges::find(sub_verbs(), given.front(), &SubVerb::name);
  if (found == sub_verbs().end()) {
    return usage_error(pki_verb, "unknown verb '" + given.front() + "' (" + suggest(given.front(), names) + ")");
  }
  const std::string name(found->name);
  if (const auto option = foreign_option(*found, *arguments); !option.empty()) {
    return usage_error(pki_verb, name + " takes no --" + option);
  }
  Words rest(given.begin() + 1, given.end());
  if (rest.size() != found->words) {
    return usage_error(pki_verb, name + " takes " + std::string(found->needs));
  }
  const auto now = certificate_now();
  return found->run({std::move(*arguments), std::move(rest), now});
}

}  // namespace

const Command pki_verb{"pki", "init|issue|renew|show|revoke [arguments] [options]",
                       "Makes and shows the certificates of a cluster", help, run};

}  // namespace skep::cli
