#include "placement/membership.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>

namespace skep {
namespace membership_test {

/// Nodes with the links between them, that have told each other all they know.
class Cluster {
 public:
  explicit Cluster(NodeNumber nodes) : links_(nodes) {
    for (NodeNumber node = 1; node <= nodes; ++node) views_.emplace_back(node, nodes);
  }

  void link(NodeNumber one, NodeNumber other) {
    at(one).up(other);
    at(other).up(one);
    links_[one - 1].insert(other);
    links_[other - 1].insert(one);
  }
  void link_all() {
    for (NodeNumber one = 1; one <= size(); ++one) {
      for (NodeNumber other = one + 1; other <= size(); ++other) link(one, other);
    }
  }
  void cut(NodeNumber one, NodeNumber other) {
    at(one).down(other);
    at(other).down(one);
    links_[one - 1].erase(other);
    links_[other - 1].erase(one);
  }
  void lose(NodeNumber node) {
    for (NodeNumber other = 1; other <= size(); ++other) {
      if (other != node) cut(node, other);
    }
  }
  /// Each tells its neighbours what it knows; twice, so that what is heard at one remove is heard.
  void talk() {
    for (int round = 0; round < 2; ++round) {
      for (NodeNumber node = 1; node <= size(); ++node) {
        for (const auto other : links_[node - 1]) at(other).heard(node, at(node).views());
      }
    }
  }

  [[nodiscard]] NodeNumber size() const { return static_cast<NodeNumber>(views_.size()); }
  [[nodiscard]] Membership& at(NodeNumber node) { return views_[node - 1]; }
  [[nodiscard]] std::vector<NodeNumber> deciders() const {
    std::vector<NodeNumber> all;
    for (NodeNumber node = 1; node <= size(); ++node) {
      if (views_[node - 1].decides()) all.push_back(node);
    }
    return all;
  }
  [[nodiscard]] bool sees_majority(NodeNumber node) const { return links_[node - 1].size() + 1 > size() / 2; }

 private:
  std::vector<Membership> views_;
  std::vector<std::set<NodeNumber>> links_;
};

using Numbers = std::vector<NodeNumber>;

TEST(MembershipTest, TheLowestNodeDecidesWhereAllSeeEachOther) {
  Cluster cluster(3);
  cluster.link_all();
  cluster.talk();
  EXPECT_EQ(cluster.deciders(), Numbers{1});
  for (NodeNumber node = 1; node <= 3; ++node) EXPECT_EQ(cluster.at(node).decider(), 1u) << node;
}

TEST(MembershipTest, TheNextOneDecidesWhenTheLowestIsLost) {
  Cluster cluster(3);
  cluster.link_all();
  cluster.talk();
  cluster.lose(1);
  cluster.talk();
  EXPECT_EQ(cluster.deciders(), Numbers{2}) << "and node 1, alone, decides nothing";
  EXPECT_EQ(cluster.at(1).decider(), 0u);
}

TEST(MembershipTest, WithoutAMajorityNobodyDecides) {
  Cluster cluster(4);
  cluster.link(1, 2);
  cluster.link(3, 4);
  cluster.talk();
  EXPECT_EQ(cluster.deciders(), Numbers{}) << "half of them are no majority";
}

TEST(MembershipTest, OfTwoNodesOnlyTheLowerDecides) {
  Cluster cluster(2);
  EXPECT_EQ(cluster.deciders(), Numbers{1}) << "alone";
  EXPECT_EQ(cluster.at(2).decider(), 0u) << "the higher one waits, whatever happens";
  cluster.link_all();
  cluster.talk();
  EXPECT_EQ(cluster.deciders(), Numbers{1});
  EXPECT_EQ(cluster.at(2).decider(), 1u);
}

TEST(MembershipTest, ANodeAloneDecidesForItself) {
  Cluster cluster(1);
  EXPECT_EQ(cluster.deciders(), Numbers{1});
}

TEST(MembershipTest, TheHigherOfTwoThatDoNotSeeEachOtherLeavesItToTheLower) {
  Cluster cluster(5);
  for (const NodeNumber node : {3u, 5u}) cluster.link(1, node);
  for (const NodeNumber node : {4u, 5u}) cluster.link(2, node);
  cluster.talk();
  EXPECT_EQ(cluster.deciders(), Numbers{1}) << "node 2 knows from 5 that 1 sees 3, which 2 and 5 do not";
  EXPECT_EQ(cluster.at(2).decider(), 1u);
}

TEST(MembershipTest, WhatALostNodeSaidIsForgotten) {
  Cluster cluster(3);
  cluster.link_all();
  cluster.talk();
  cluster.lose(1);
  cluster.at(2).heard(1, {NodeSet(7), NodeSet(7), NodeSet(7)});
  cluster.talk();
  EXPECT_EQ(cluster.at(2).decider(), 2u);
}

TEST(MembershipTest, WhomOthersSeeIsKnown) {
  Cluster cluster(3);
  cluster.link(1, 2);
  cluster.talk();
  EXPECT_FALSE(cluster.at(1).others_see_more());
  cluster.link(2, 3);
  cluster.talk();
  EXPECT_TRUE(cluster.at(1).others_see_more()) << "2 sees 3";
  EXPECT_FALSE(cluster.at(2).others_see_more());
  cluster.cut(1, 2);
  EXPECT_FALSE(cluster.at(1).others_see_more()) << "what it said is forgotten";
}

TEST(MembershipTest, WhatIsSaidOfOthersThanTheConfiguredNodesCountsNothing) {
  Cluster cluster(5);
  cluster.link(1, 2);
  cluster.at(1).heard(2, Views(64, NodeSet(~std::uint64_t{0} << 5)));
  cluster.at(1).heard(9, Views(5, NodeSet(31)));
  EXPECT_EQ(cluster.at(1).decider(), 0u);
  cluster.at(1).heard(2, {});
  EXPECT_EQ(cluster.at(1).decider(), 0u) << "nor does it matter if rows are missing";
}

TEST(MembershipTest, AnEpochIsHigherThanTheOneBeforeAndNamesWhoDecided) {
  const Membership three(3, 5);
  EXPECT_EQ(three.next({7, 4}), (Epoch{8, 3}));
  EXPECT_GT(three.next({7, 4}), (Epoch{7, 4}));
  EXPECT_LT((Epoch{8, 2}), three.next({7, 4})) << "of two decisions at once that of the higher node counts";
}

/// Any links, and nodes that have talked: one of those that see a majority decides, and only one.
TEST(MembershipTest, ExactlyOneDecidesIfAnySeesAMajority) {
  EXPECT_TRUE(rc::check("one decider", [] {
    const auto nodes = *rc::gen::inRange<NodeNumber>(3, 10);
    Cluster cluster(nodes);
    for (NodeNumber one = 1; one <= nodes; ++one) {
      for (NodeNumber other = one + 1; other <= nodes; ++other) {
        if (*rc::gen::weightedElement<bool>({{2, true}, {1, false}})) cluster.link(one, other);
      }
    }
    cluster.talk();
    NodeNumber lowest = 0;
    for (NodeNumber node = nodes; node >= 1; --node) {
      if (cluster.sees_majority(node)) lowest = node;
    }
    RC_ASSERT(cluster.deciders() == (lowest == 0 ? Numbers{} : Numbers{lowest}));
  }));
}

/// The same after links came and went in any order, with words in between that are out of date by then.
TEST(MembershipTest, HistoryDoesNotMatterOnceAllHaveTalked) {
  EXPECT_TRUE(rc::check("one decider after changes", [] {
    const auto nodes = *rc::gen::inRange<NodeNumber>(3, 8);
    Cluster cluster(nodes);
    const auto steps = *rc::gen::inRange(1, 40);
    for (int step = 0; step < steps; ++step) {
      const auto one = *rc::gen::inRange<NodeNumber>(1, nodes);
      const auto other = *rc::gen::inRange<NodeNumber>(one + 1, nodes + 1);
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          cluster.cut(one, other);
          break;
        case 1:
          cluster.talk();
          break;
        default:
          cluster.link(one, other);
      }
    }
    cluster.talk();
    NodeNumber lowest = 0;
    for (NodeNumber node = nodes; node >= 1; --node) {
      if (cluster.sees_majority(node)) lowest = node;
    }
    RC_ASSERT(cluster.deciders() == (lowest == 0 ? Numbers{} : Numbers{lowest}));
  }));
}

}  // namespace membership_test
}  // namespace skep
