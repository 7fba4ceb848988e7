#include "link/link_outlet.hpp"

#include <gtest/gtest.h>
#include <caf/make_counted.hpp>

#include <string>
#include <vector>

#include "link/link_codec.hpp"
#include "skep/runtime/limits.hpp"
#include "support/link_samples.hpp"

namespace skep {
namespace link_outlet_test {

using Sent = LinkConnection::Sent;

class LinkOutletTest : public ::testing::Test {
 protected:
  static BatchAck ack(std::uint32_t edge) { return {edge, 0, {}, 0}; }
  static RecordBatch batch(std::size_t payload_bytes) {
    return link_samples::batch({link_samples::record(payload_bytes)}).batch;
  }

  Sent says_ = Sent::no;
  int wakes_ = 0;
  std::vector<std::size_t> tried_;  ///< bytes
  BeeAddress to_{1, 2, 3, {4, 5}};
  caf::intrusive_ptr<LinkOutlet> outlet_ = caf::make_counted<LinkOutlet>(LinkOutlet::Calls{
      [this] { ++wakes_; },
      [this](const Buffer& frame) {
        tried_.push_back(frame.bytes().size());
        return says_;
      },
  });
};

TEST_F(LinkOutletTest, WhatTheConnectionDoesNotTakeWaitsAndWakesOnce) {
  for (int i = 0; i < 3; ++i) outlet_->send(to_, batch(100));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(tried_.size(), 1u) << "nothing overtakes what waits";
  EXPECT_EQ(outlet_->take().size(), 3u);
  outlet_->send(to_, batch(100));
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(tried_.size(), 2u);
}

TEST_F(LinkOutletTest, WhatHasGoneAtOnceWakesNobody) {
  says_ = Sent::all;
  outlet_->send(to_, batch(100));
  outlet_->send(to_, ReplyBatch{batch(100)});
  EXPECT_EQ(wakes_, 0);
  EXPECT_EQ(tried_.size(), 2u);
  EXPECT_TRUE(outlet_->take().empty());
}

TEST_F(LinkOutletTest, TheRestOfWhatHasGoneInPartIsFlushed) {
  says_ = Sent::in_part;
  outlet_->send(to_, batch(100));
  EXPECT_EQ(wakes_, 1);
  EXPECT_TRUE(outlet_->take().empty()) << "the connection has it";
}

TEST_F(LinkOutletTest, AcknowledgementsWaitAndNothingOvertakesThem) {
  says_ = Sent::all;
  outlet_->send(to_, ack(1));
  outlet_->send(to_, ack(2));
  outlet_->send(to_, batch(100));
  EXPECT_EQ(wakes_, 1);
  EXPECT_TRUE(tried_.empty());
  EXPECT_EQ(outlet_->take().size(), 3u);
}

TEST_F(LinkOutletTest, MessagesOverLinkAtOnceBytesMaxWait) {
  says_ = Sent::all;
  outlet_->send(to_, batch(limits::link_at_once_bytes_max - 1024));
  EXPECT_EQ(tried_.size(), 1u);
  EXPECT_LE(tried_.back(), limits::link_at_once_bytes_max);
  outlet_->send(to_, batch(limits::link_at_once_bytes_max));
  EXPECT_EQ(tried_.size(), 1u);
  EXPECT_EQ(wakes_, 1);
}

TEST_F(LinkOutletTest, AMessageInSeveralPartsWaits) {
  says_ = Sent::all;
  auto two = link_samples::batch(
                 {link_samples::record(limits::link_batch_bytes), link_samples::record(limits::link_batch_bytes)})
                 .batch;
  outlet_->send(to_, std::move(two));
  EXPECT_TRUE(tried_.empty());
  EXPECT_EQ(outlet_->take().size(), 2u);
}

TEST_F(LinkOutletTest, AfterItsCloseNobodyIsCalled) {
  outlet_->send(to_, batch(100));
  outlet_->close();
  outlet_->send(to_, batch(100));
  outlet_->send(to_, ack(1));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(tried_.size(), 1u);
  EXPECT_TRUE(outlet_->take().empty());
}

}  // namespace link_outlet_test
}  // namespace skep
