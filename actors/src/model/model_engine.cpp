#include "skep/actors/model_engine.hpp"

namespace skep {

Model::~Model() = default;
Engine::~Engine() = default;

}  // namespace skep
