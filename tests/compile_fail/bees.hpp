#pragma once
// Bees of the cases: `Sense` sends readings, `Alarm` reads them, `Speak` reads texts.

#include "skep/runtime/swarm_builder.hpp"
#include "skep/schema/record.capnp.h"

using Reading = skep::wire::NamedValue;
using Text = skep::wire::Trace;

class Sense final : public skep::Bee {
 public:
  struct Options {
    double scale = 1;
  };
  using Output = Reading;
  static constexpr skep::PortOf<Sense, Text> faults{"faults"};
  static void describe(skep::BeeClass<Sense>& c) {
    c.output(faults.text(), &Sense::faults_).option("scale", &Options::scale);
  }
  explicit Sense(Options) {}

 private:
  skep::Port faults_;
};

class Alarm final : public skep::Bee {
 public:
  using Input = Reading;
};

class Speak final : public skep::Bee {
 public:
  using Input = Text;
};

/// Reads and sends whatever it gets.
class PassOn final : public skep::Bee {};
