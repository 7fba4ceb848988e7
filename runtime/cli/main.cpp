// The one program of the project: `skep <verb> ...`. What each verb does is in command_<verb>.cpp.

#include <exception>
#include <iostream>

#include "command.hpp"

int main(int argc, char** argv) {
  try {
    return skep::cli::run_command({argv + 1, argv + argc});
  } catch (const std::exception& thrown) {
    std::cerr << "skep: " << thrown.what() << '\n';
    return skep::cli::failure;
  }
}
