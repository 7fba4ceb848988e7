// skep token: a secret for a client of a gateway, and its hash for the swarm file.

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <iostream>
#include <span>

#include "access_tokens.hpp"
#include "output_form.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace {

constexpr std::size_t token_bytes = 32;  ///< 256 bits

options::options_description table() {
  options::options_description table;
  table.add_options()("name", options::value<std::string>()->value_name("NAME"),
                      "for the log; its line is printed too");
  add_output_option(table);
  return table;
}

std::string help() {
  return "The token is for the client, which sends 'Authorization: Bearer TOKEN' with its request to a websocket "
         "gateway,\n"
         "or 'Bearer TOKEN' as its first frame to a tcp gateway. The hash is for the gateway: tokens = [\"HASH\"].\n"
         "With --name there is a line for a list or a file of tokens, too: the log says the name of the token that a "
         "client\n"
         "came with. Nothing keeps the token: it is printed once.\n\nOptions:\n" +
         to_string(table()) + "\nExamples:\n  skep token\n  skep token --name billing\n  skep token -o json\n";
}

/// Base64 as it may stand in URLs and headers (RFC 4648, section 5), without '='.
std::string text_of(std::span<const unsigned char> bytes) {
  std::array<unsigned char, 4 * ((token_bytes + 2) / 3) + 1> room{};
  const auto size = EVP_EncodeBlock(room.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string text(room.begin(), room.begin() + size);
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

void print(OutputForm form, const std::string& token, const std::string& hash, const std::string& name) {
  if (form == OutputForm::text) {
    std::cout << "token  " << token << "\nhash   " << hash << '\n';
    if (!name.empty()) std::cout << "line   " << name << ' ' << hash << '\n';
    return;
  }
  JsonWriter json;
  json.begin_object().key("token").value(token).key("hash").value(hash);
  if (!name.empty()) json.key("name").value(name).key("line").value(name + " " + hash);
  json.end_object();
  std::cout << json.text() << '\n';
}

int run(const Words& words) {
  const auto arguments = read_arguments(words, table());
  if (!arguments) return usage_error(token_verb, arguments.error().message);
  if (!arguments->files.empty()) return usage_error(token_verb, "it takes no '" + arguments->files.front() + "'");
  const auto name = arguments->values.count("name") > 0 ? arguments->values["name"].as<std::string>() : "";
  if (arguments->values.count("name") > 0 && !is_token_name(name)) {
    return usage_error(token_verb,
                       "--name has letters, digits, '-', '_' and '.' alone, 64 at the most, and is not 'hash'");
  }
  const auto form = output_form(*arguments);
  if (!form) return usage_error(token_verb, form.error().message);
  std::array<unsigned char, token_bytes> secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
    std::cerr << "skep token: the system has no random numbers\n";
    return failure;
  }
  const auto token = text_of(secret);
  const auto hash = "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
  print(*form, token, hash, name);
  return success;
}

}  // namespace

const Command token_verb{"token", "[--name NAME] [-o json]", "Makes a token for a client of a gateway, and its hash",
                         help, run};

}  // namespace skep::cli
