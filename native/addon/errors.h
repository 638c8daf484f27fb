// The one place where C++ exceptions become JavaScript errors: TypeError, RangeError or Error, each with a
// `code`.
#pragma once

#include <napi.h>

#include <exception>
#include <string>

#include "../error.h"

namespace everlearn::addon {

inline Napi::Value javascript_error(Napi::Env env, const std::exception_ptr& failure) {
  const auto make = [&](auto error, const char* code) -> Napi::Value {
    error.Value().Set("code", Napi::String::New(env, code));
    return error.Value();
  };
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::type:
        return make(Napi::TypeError::New(env, error.what()), error.code());
      case ErrorKind::range:
        return make(Napi::RangeError::New(env, error.what()), error.code());
      case ErrorKind::state:
        return make(Napi::Error::New(env, error.what()), error.code());
    }
  } catch (const std::bad_alloc&) {
    return make(Napi::Error::New(env, "out of memory"), "OUT_OF_MEMORY");
  } catch (const std::exception& error) {
    return make(Napi::Error::New(env, error.what()), "NATIVE");
  } catch (...) {
  }
  return make(Napi::Error::New(env, "unknown native failure"), "NATIVE");
}

// Runs `body`; what it throws is thrown as its JavaScript form.
template <class Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw Napi::Error(env, javascript_error(env, std::current_exception()));
  }
}

}  // namespace everlearn::addon
