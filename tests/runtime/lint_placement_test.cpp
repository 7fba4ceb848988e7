#include <gmock/gmock.h>

#include "lint_fixture.hpp"

namespace skep {
namespace lint_placement_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LintPlacementTest : public LintTest {
 protected:
  /// Of a gateway, and bees `a` and `b`, that ask for these labels; `more` stands at the end.
  std::vector<std::string> problems_of(const std::string& in, const std::string& a, const std::string& b,
                                       const std::string& more = "") {
    const auto text = "name = \"s\"\n[gateways.in]\ntype = \"memory\"\nanswers = \"b\"\nnodes = " + in +
                      "\n[bees.a]\nclass = \"test.plain\"\nfrom = \"in\"\nnodes = " + a +
                      "\n[bees.b]\nclass = \"test.plain\"\nfrom = \"a\"\nnodes = " + b + "\n" + more;
    std::vector<std::string> texts;
    for (const auto& problem : lint(parse_swarm(text, "s.toml", {}), bees_, gateways_, cluster_).problems) {
      texts.push_back(problem.to_string());
    }
    return texts;
  }

  std::vector<ClusterNode> cluster_{{.name = "west", .address = "h:1", .labels = {"gpu"}},
                                    {.name = "east", .address = "i:1", .labels = {"edge"}}};
};

TEST_F(LintPlacementTest, WhatSomeNodeHasIsRight) {
  EXPECT_THAT(problems_of("[\"edge\", \"east\"]", "[\"gpu\"]", "[]"), IsEmpty());
}

TEST_F(LintPlacementTest, ALabelThatNoNodeHasNamesTheNearest) {
  EXPECT_THAT(problems_of("[]", "[\"gpus\"]", "[]"),
              ElementsAre("s.toml:9:9: error: bee 'a': no node of the cluster has label 'gpus' (did you mean 'gpu'?)"));
  EXPECT_THAT(problems_of("[\"north\"]", "[]", "[]"),
              ElementsAre("s.toml:5:9: error: gateway 'in': no node of the cluster has label 'north' (known: east, "
                          "edge, gpu, west)"));
}

TEST_F(LintPlacementTest, LabelsOfDifferentNodesAreNoPlace) {
  EXPECT_THAT(problems_of("[]", "[\"gpu\", \"edge\"]", "[]"),
              ElementsAre("s.toml:9:9: error: bee 'a': no node of the cluster has all of the labels 'gpu', 'edge' "
                          "(each of them is there, on other nodes)"));
}

TEST_F(LintPlacementTest, AGroupNeedsOneNodeForAllItsBees) {
  const std::string group = "[supervision]\nstrategy = \"one_for_all\"\n";
  EXPECT_THAT(problems_of("[]", "[\"gpu\"]", "[\"edge\"]"), IsEmpty());
  EXPECT_THAT(problems_of("[\"edge\"]", "[\"gpu\"]", "[\"west\"]", group), IsEmpty());
  EXPECT_THAT(problems_of("[]", "[\"gpu\"]", "[\"edge\"]", group),
              ElementsAre(HasSubstr("s.toml:14:1: error: this strategy restarts bees together")));
}

TEST_F(LintPlacementTest, OnANodeAloneLabelsSayNothing) {
  cluster_.clear();
  EXPECT_THAT(problems_of("[\"x\"]", "[\"gpus\"]", "[]", "[supervision]\nstrategy = \"one_for_all\"\n"), IsEmpty());
}

TEST_F(LintPlacementTest, LabelsOfCodeAreCheckedToo) {
  auto spec = parse_swarm("name = \"s\"\n" + chain, "s.toml", {}).spec;
  spec.file.clear();
  spec.bees[0].nodes = {"gpu", "gpu"};
  spec.gateways[0].nodes = {"a b"};
  spec.bees[1].nodes = std::vector<std::string>(17, "x");
  std::vector<std::string> texts;
  for (const auto& problem : lint(spec, bees_, gateways_).problems) texts.push_back(problem.message);
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre("bee 'a': nodes: label 'gpu' is there twice",
                                                     HasSubstr("gateway 'in': nodes: 'a b' is no label"),
                                                     "bee 'b': nodes has 17 labels, more than 16"));
}

TEST_F(LintPlacementTest, NodesIsNoOptionOfAGateway) {
  EXPECT_THAT(problems("[gateways.in]\ntype = \"memory\"\nanswers = \"b\"\nnode = [\"x\"]\n" +
                       chain.substr(chain.find("[bees"))),
              ElementsAre(HasSubstr("unknown key 'node' in gateway 'in' (did you mean 'nodes'?)")));
}

}  // namespace lint_placement_test
}  // namespace skep
