#include "skep/gateways/custom_gateway.hpp"

namespace skep {

GatewayContext::~GatewayContext() = default;
Gateway::~Gateway() = default;

void Gateway::on_start(GatewayContext&) {}
void Gateway::on_answer(const Answered&) {}
void Gateway::deliver(const Record&) {}
void Gateway::on_readable(int) {}
void Gateway::on_timer(TimerId) {}
void Gateway::on_stop() {}

std::string Answered::text() const {
  return failure ? failure->to_json() : std::string(record.text());
}

}  // namespace skep
