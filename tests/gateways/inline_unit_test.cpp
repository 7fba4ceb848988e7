#include "net/inline_unit.hpp"

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/ref_counted.hpp>

namespace skep {
namespace inline_unit_test {

/// Never run here.
struct Actor : caf::resumable, caf::ref_counted {
  resume_result resume(caf::execution_unit*, std::size_t) override { return done; }
  void intrusive_ptr_add_ref_impl() override { intrusive_ptr_add_ref(static_cast<caf::ref_counted*>(this)); }
  void intrusive_ptr_release_impl() override { intrusive_ptr_release(static_cast<caf::ref_counted*>(this)); }
};

class InlineUnitTest : public ::testing::Test {
 protected:
  using Resumables = InlineUnit::Resumables;

  struct Config : caf::actor_system_config {
    Config() { set("scheduler.policy", caf::atom("testing")); }  // no threads
  };

  Config config_;
  caf::actor_system system_{config_};
  Resumables handed_on_;
  InlineUnit unit_{system_, [this](caf::resumable* actor) { handed_on_.push_back(actor); }};
  Actor one_, two_;
};

TEST_F(InlineUnitTest, WhileItIsOpenItKeepsWhoIsToRun) {
  unit_.open();
  unit_.exec_later(&one_);
  unit_.exec_later(&two_);
  EXPECT_EQ(unit_.close(), (Resumables{&one_, &two_}));
  EXPECT_EQ(unit_.close(), Resumables{}) << "once";
  EXPECT_EQ(handed_on_, Resumables{});
}

TEST_F(InlineUnitTest, OnceItIsClosedTheyAreHandedOn) {
  unit_.exec_later(&one_);
  EXPECT_EQ(handed_on_, Resumables{&one_});
  unit_.open();
  EXPECT_EQ(unit_.close(), Resumables{});
  unit_.exec_later(&two_);
  EXPECT_EQ(handed_on_, (Resumables{&one_, &two_}));
}

}  // namespace inline_unit_test
}  // namespace skep
