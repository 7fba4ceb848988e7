#include "skep/serialization/schema_table.hpp"

#include <capnp/message.h>
#include <capnp/schema.capnp.h>
#include <capnp/serialize.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "schema/every.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/payload_types.hpp"

namespace skep {
namespace schema_table_test {

using capnp::schema::Node;
using ::testing::HasSubstr;

/// A node as it goes into a table: one segment without its table.
SchemaNode node_of(std::uint64_t id, const std::string& name, const std::function<void(Node::Builder)>& fill) {
  capnp::MallocMessageBuilder message(limits::schema_node_bytes_max / sizeof(capnp::word));
  auto node = message.initRoot<Node>();
  node.setId(id);
  node.setDisplayName("x.capnp:" + name);
  node.setDisplayNamePrefixLength(8);
  fill(node);
  const auto bytes = message.getSegmentsForOutput()[0].asBytes();
  return {id, std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size())};
}

/// A struct with pointers to those of the ids `to`.
SchemaNode pointing(std::uint64_t id, const std::string& name, const std::vector<std::uint64_t>& to) {
  return node_of(id, name, [&](Node::Builder node) {
    auto structure = node.initStruct();
    structure.setPointerCount(static_cast<std::uint16_t>(to.size()));
    auto fields = structure.initFields(static_cast<unsigned>(to.size()));
    for (unsigned i = 0; i < to.size(); ++i) {
      fields[i].setName("f" + std::to_string(i));
      fields[i].setCodeOrder(static_cast<std::uint16_t>(i));
      fields[i].getOrdinal().setExplicit(static_cast<std::uint16_t>(i));
      auto slot = fields[i].initSlot();
      slot.setOffset(i);
      slot.initType().initStruct().setTypeId(to[i]);
      slot.initDefaultValue().initStruct();
    }
  });
}

SchemaNode numbers(std::uint64_t id, unsigned count, bool text = false) {
  return node_of(id, "Numbers", [&](Node::Builder node) {
    auto structure = node.initStruct();
    structure.setDataWordCount(static_cast<std::uint16_t>(text ? 0 : count));
    structure.setPointerCount(static_cast<std::uint16_t>(text ? count : 0));
    auto fields = structure.initFields(count);
    for (unsigned i = 0; i < count; ++i) {
      fields[i].setName("n" + std::to_string(i));
      fields[i].setCodeOrder(static_cast<std::uint16_t>(i));
      fields[i].getOrdinal().setExplicit(static_cast<std::uint16_t>(i));
      auto slot = fields[i].initSlot();
      slot.setOffset(i);
      if (text) {
        slot.initType().setText();
        slot.initDefaultValue().setText("");
      } else {
        slot.initType().setInt64();
        slot.initDefaultValue().setInt64(0);
      }
    }
  });
}

constexpr std::uint64_t first_id = 0x9000000000000000;

TEST(SchemaTableTest, HasAllThatATypeIsMadeOfOnce) {
  SchemaTable table;
  ASSERT_TRUE(table.add(PayloadType::of<test::Every>(), "").ok());
  const auto count = table.entries().size();
  EXPECT_TRUE(table.is_struct(capnp::typeId<test::Point>()));
  EXPECT_NE(table.find(capnp::typeId<test::Level>()), nullptr);
  EXPECT_FALSE(table.is_struct(capnp::typeId<test::Level>()));
  EXPECT_EQ(table.find(capnp::typeId<test::Every>())->name, "Every");
  EXPECT_EQ(table.find(capnp::typeId<test::Every>())->file, "schema/every.capnp");
  ASSERT_TRUE(table.add(PayloadType::of<test::Point>(), "").ok());
  EXPECT_EQ(table.entries().size(), count);
}

TEST(SchemaTableTest, TakesBackWhatItGives) {
  SchemaTable table, again;
  ASSERT_TRUE(table.add(PayloadType::of<test::Every>(), "").ok());
  ASSERT_TRUE(again.add(table.nodes(), "plug-in 'a'").ok());
  EXPECT_EQ(again.entries().size(), table.entries().size());
  ASSERT_TRUE(again.add(table.nodes(), "plug-in 'b'").ok());
  EXPECT_EQ(again.find(capnp::typeId<test::Every>())->from, "plug-in 'a'");
}

TEST(SchemaTableTest, RefusesFieldsThatNotEveryReaderCanRead) {
  SchemaTable table;
  const auto any = table.add(PayloadType::of<test::Anything>(), "");
  ASSERT_FALSE(any.ok());
  EXPECT_EQ(any.error().code, errc::incompatible);
  EXPECT_THAT(any.error().message, HasSubstr("field 'any' of 'Anything' is an AnyPointer"));
  const auto box = table.add(PayloadType::of<test::HoldsBox>(), "");
  ASSERT_FALSE(box.ok());
  EXPECT_TRUE(table.empty());
}

TEST(SchemaTableTest, RefusesANodeThatLacksItsParts) {
  SchemaTable table;
  const auto added = table.add({pointing(first_id, "A", {first_id + 1})}, "");
  ASSERT_FALSE(added.ok());
  EXPECT_THAT(added.error().message, HasSubstr("the schema of 'A' lacks some of its parts"));
  EXPECT_TRUE(table.add({pointing(first_id, "A", {first_id + 1}), pointing(first_id + 1, "B", {first_id})}, "").ok());
}

TEST(SchemaTableTest, VersionsOfOneTypeGoTogetherAndTheNewerOneStays) {
  SchemaTable table;
  ASSERT_TRUE(table.add({numbers(first_id, 2)}, "plug-in 'a'").ok());
  ASSERT_TRUE(table.add({numbers(first_id, 3)}, "plug-in 'b'").ok());
  EXPECT_EQ(table.find(first_id)->from, "plug-in 'b'");
  ASSERT_TRUE(table.add({numbers(first_id, 1)}, "plug-in 'c'").ok());
  EXPECT_EQ(table.find(first_id)->from, "plug-in 'b'");
}

TEST(SchemaTableTest, TwoTypesOfOneIdAreRefusedWithBothNames) {
  SchemaTable table;
  ASSERT_TRUE(table.add({numbers(first_id, 2)}, "plug-in 'a'").ok());
  const auto added = table.add({numbers(first_id, 2, true)}, "plug-in 'b'");
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, errc::incompatible);
  EXPECT_THAT(added.error().message, HasSubstr("'Numbers' (x.capnp) of plug-in 'b' and 'Numbers' (x.capnp) of "
                                               "plug-in 'a' have one id and are not versions of one type"));
}

TEST(SchemaTableTest, EveryPrefixOfANodeIsRefused) {
  SchemaTable whole;
  ASSERT_TRUE(whole.add(PayloadType::of<test::Point>(), "").ok());
  const auto node = whole.nodes().at(0);
  for (std::size_t size = 0; size < node.bytes.size(); ++size) {
    SchemaTable table;
    EXPECT_FALSE(table.add({{node.id, node.bytes.substr(0, size)}}, "").ok()) << size;
  }
}

TEST(SchemaTableTest, ANodeOfAnotherIdAndOneThatIsThereTwiceAreRefused) {
  SchemaTable table;
  auto node = numbers(first_id, 1);
  node.id = first_id + 1;
  EXPECT_FALSE(table.add({node}, "").ok());
  EXPECT_FALSE(table.add({numbers(first_id, 1), numbers(first_id, 1)}, "").ok());
}

TEST(SchemaTableTest, AGroupOfSomethingElseIsRefused) {
  const auto group = [](std::uint16_t words) {
    return node_of(first_id + 1, "A.g", [&](Node::Builder node) {
      node.setScopeId(first_id);
      auto structure = node.initStruct();
      structure.setIsGroup(true);
      structure.setDataWordCount(words);
    });
  };
  const auto parent = [](std::uint64_t id) {
    return node_of(id, "A", [&](Node::Builder node) {
      auto structure = node.initStruct();
      structure.setDataWordCount(1);
      auto field = structure.initFields(1)[0];
      field.setName("g");
      field.initGroup().setTypeId(first_id + 1);
    });
  };
  EXPECT_TRUE(SchemaTable().add({parent(first_id), group(1)}, "").ok());
  EXPECT_FALSE(SchemaTable().add({parent(first_id), group(2)}, "").ok());
  EXPECT_FALSE(SchemaTable().add({parent(first_id + 2), parent(first_id), group(1)}, "").ok());
}

TEST(SchemaTableTest, AGroupInItselfIsRefused) {
  const auto group = [](std::uint64_t id, std::uint64_t inside) {
    return node_of(id, "A.g", [&](Node::Builder node) {
      node.setScopeId(inside);
      auto structure = node.initStruct();
      structure.setIsGroup(true);
      auto field = structure.initFields(1)[0];
      field.setName("g");
      field.initGroup().setTypeId(inside);
    });
  };
  EXPECT_FALSE(SchemaTable().add({group(first_id, first_id)}, "").ok());
  EXPECT_FALSE(SchemaTable().add({group(first_id, first_id + 1), group(first_id + 1, first_id)}, "").ok());
}

TEST(SchemaTableTest, AFieldOfAnotherKindThanItsTypeIsRefused) {
  const auto level =
      node_of(first_id + 1, "Level", [](Node::Builder node) { node.initEnum().initEnumerants(1)[0].setName("low"); });
  SchemaTable table;
  ASSERT_TRUE(table.add({level}, "").ok());
  EXPECT_FALSE(table.add({pointing(first_id, "A", {first_id + 1})}, "").ok()) << "it says that Level is a struct";
}

TEST(SchemaTableTest, AnOffsetWithWhichSumsWouldWrapIsRefused) {
  for (const std::uint32_t offset : {(1u << 26) - 1, 0xFFFFFFFFu}) {
    const auto wrapping = node_of(first_id, "A", [&](Node::Builder node) {
      auto structure = node.initStruct();
      structure.setDataWordCount(1);
      auto field = structure.initFields(1)[0];
      field.setName("x");
      auto slot = field.initSlot();
      slot.setOffset(offset);
      slot.initType().setFloat64();
      slot.initDefaultValue().setFloat64(0);
    });
    EXPECT_FALSE(SchemaTable().add({wrapping}, "").ok()) << offset;
  }
}

TEST(SchemaTableTest, AFieldOutsideItsStructIsRefusedInWordsForWhoeverMadeThePlugin) {
  SchemaTable table;
  const auto outside = node_of(first_id, "Outside", [](Node::Builder node) {
    auto field = node.initStruct().initFields(1)[0];
    field.setName("n");
    field.getOrdinal().setExplicit(0);
    auto slot = field.initSlot();
    slot.initType().setInt64();
    slot.initDefaultValue().setInt64(0);
  });
  EXPECT_EQ(table.add({outside}, "").error().message,
            "the schema of 'Outside' is malformed: an offset, a size, an ordinal or a default in it is wrong");
}

TEST(SchemaTableTest, AThousandTypesInARingAreAThousandNodes) {
  constexpr std::uint64_t count = 1000;
  std::vector<SchemaNode> nodes;
  for (std::uint64_t i = 0; i < count; ++i) {
    nodes.push_back(pointing(first_id + i, "T" + std::to_string(i), {first_id + (i + 1) % count}));
  }
  SchemaTable table;
  ASSERT_TRUE(table.add(nodes, "").ok());
  EXPECT_EQ(table.entries().size(), count);
  const auto types = PayloadTypes::of(table);
  ASSERT_TRUE(types.ok());
  EXPECT_EQ((*types)->name(first_id + 999), "T999");
}

TEST(SchemaTableTest, ItIsLimited) {
  std::vector<SchemaNode> nodes;
  for (std::uint64_t i = 0; i < limits::schema_nodes_max; ++i) {
    nodes.push_back(pointing(first_id + i, "T", {}));
  }
  SchemaTable table;
  ASSERT_TRUE(table.add(nodes, "").ok());
  const auto more = table.add({pointing(first_id - 1, "T", {})}, "");
  ASSERT_FALSE(more.ok());
  EXPECT_THAT(more.error().message, HasSubstr("schema_nodes_max"));
  std::vector<SchemaNode> long_ones;
  for (std::size_t bytes = 0; bytes <= limits::schema_bytes_max; bytes += long_ones.back().bytes.size()) {
    long_ones.push_back(
        pointing(first_id + long_ones.size(), std::string(limits::schema_node_bytes_max - 512, 'n'), {}));
  }
  const auto all = SchemaTable().add(long_ones, "");
  ASSERT_FALSE(all.ok());
  EXPECT_THAT(all.error().message, HasSubstr("schema_bytes_max"));
  const auto large = SchemaTable().add({{1, std::string(limits::schema_node_bytes_max + 8, '\0')}}, "");
  ASSERT_FALSE(large.ok());
  EXPECT_THAT(large.error().message, HasSubstr("schema_node_bytes_max"));
}

}  // namespace schema_table_test
}  // namespace skep
