// The one program of the project: `skep <verb> ...`. What each verb does is in command_<verb>.cpp.

#include <exception>
#include <iostream>

#include "command.hpp"
#include "surroundings.hpp"

int main(int argc, char** argv) {
  skep::cli::occupy_standard_descriptors();
  try {
    const int code = skep::cli::run_command({argv + 1, argv + argc});
    if (std::cout.flush()) return code;
    std::cerr << "skep: standard output cannot be written\n";
    return code == skep::cli::success ? skep::cli::failure : code;
  } catch (const std::exception& thrown) {
    std::cerr << "skep: " << thrown.what() << '\n';
    return skep::cli::failure;
  }
}
