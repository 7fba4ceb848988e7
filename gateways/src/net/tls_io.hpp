#pragma once
// What OpenSSL calls for one end of a connection: for bytes in and out, with each certificate of the peer's chain, and
// with messages of TLS itself. No exception may pass its frames.
//
// `Owner` lets its friend TlsIo<Owner> at:
//   std::size_t take(std::span<char> room)         bytes from the peer; 0: there are none for now, or `over()`
//   void give(std::string_view bytes)              for the peer, all of them
//   bool over() const                              nothing comes any more
//   bool judge(bool good, X509_STORE_CTX& chain)   after OpenSSL's own verdict on each certificate, the peer's last
//   std::uint32_t messages_                        of TLS itself that the peer has sent
// Lifetime: the owner is not moved, and outlives its `ssl`. Threads: the owner's.

#include <cstddef>
#include <new>
#include <span>
#include <string_view>

#include "net/openssl.hpp"

namespace skep {

inline constexpr std::size_t tls_record_bytes = 16u << 10;  ///< of plain bytes, at the most (RFC 8446, 5.1)

template <class Owner>
class TlsIo {
 public:
  static void attach(SSL* ssl, Owner& owner) {
    auto* bio = BIO_new(method());
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, &owner);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, &owner);
    SSL_set_verify(ssl, SSL_get_verify_mode(ssl), verify);
    SSL_set_msg_callback(ssl, message);
    SSL_set_msg_callback_arg(ssl, &owner);
  }

 private:
  static Owner& owner_of(BIO* bio) { return *static_cast<Owner*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* room, std::size_t size, std::size_t* count) noexcept {
    auto& owner = owner_of(bio);
    BIO_clear_retry_flags(bio);
    *count = owner.take({room, size});
    if (*count == 0 && !owner.over()) BIO_set_retry_read(bio);
    return *count != 0 ? 1 : 0;
  }
  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) noexcept {
    BIO_clear_retry_flags(bio);
    owner_of(bio).give({bytes, size});
    *count = size;
    return 1;
  }
  static long control(BIO* bio, int what, long, void*) noexcept {
    if (what == BIO_CTRL_FLUSH) return 1;
    return what == BIO_CTRL_EOF && owner_of(bio).over() ? 1 : 0;
  }
  static const BIO_METHOD* method() {
    static const auto* const made = [] {
      auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "skep");
      BIO_meth_set_read_ex(method, read);
      BIO_meth_set_write_ex(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
  static int verify(int good, X509_STORE_CTX* chain) noexcept {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return static_cast<Owner*>(SSL_get_app_data(ssl))->judge(good == 1, *chain) ? 1 : 0;
  }
  static void message(int written, int, int type, const void*, std::size_t, SSL*, void* owner) noexcept {
    if (written == 0 && (type == SSL3_RT_HANDSHAKE || type == SSL3_RT_ALERT)) ++static_cast<Owner*>(owner)->messages_;
  }
};

}  // namespace skep
