// Reads a message as every struct of the schemas, every getter of it.

#include "fuzz_input.hpp"
#include "skep/schema/link.capnp.h"
#include "skep/schema/tensor.capnp.h"
#include "skep/serialization/typed.hpp"

namespace {

using namespace skep;

volatile std::uint64_t sink;

void read(wire::RecordMore::Reader more) {
  sink = more.getRoot().getHigh() + more.getTrace().getSpan() + more.getRecord();
  for (const auto header : more.getHeaders()) sink = header.getName().size() + header.getValue().size();
}

void read(wire::Records::Reader records) {
  for (const auto head : records.getHeads()) sink = head.getId().getLow() + head.getSession() + head.getPayloadBytes();
  for (const auto common : records.getCommons()) {
    sink = common.getIncarnation() + common.getSchema() + common.getFirst();
  }
  for (const auto more : records.getMores()) read(more);
  sink = records.getBytes().size();
}

void read(wire::Batch::Reader batch) {
  read(batch.getRecords());
}

void read(wire::Tensor::Reader tensor) {
  for (const auto dimension : tensor.getShape()) sink = dimension;
  for (const auto byte : tensor.getData()) sink = byte;
}

template <class T>
void read_as(const Record& record) {
  try {
    read(record.as<T>());
  } catch (const BadRecord&) {
    sink = 0;
  } catch (const kj::Exception&) {
    sink = 0;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Record record({}, Payload::borrow(fuzz::bytes_of(data, size), {ContentKind::capnp, 0}));
  read_as<wire::Batch>(record);
  read_as<wire::Records>(record);
  read_as<wire::Tensor>(record);
  return 0;
}
