// Errors of the engine. The addon turns them into JavaScript errors in one place (addon/errors.h).
#pragma once

#include <stdexcept>
#include <string>

namespace everlearn {

// Which JavaScript class an error becomes.
enum class ErrorKind { type, range, state };

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const char* code, const std::string& message)
      : std::runtime_error(message), kind_(kind), code_(code) {}
  ErrorKind kind() const { return kind_; }
  const char* code() const { return code_; }

 private:
  ErrorKind kind_;
  const char* code_;
};

inline Error shape_error(const std::string& message) { return {ErrorKind::range, "SHAPE", message}; }
inline Error dtype_error(const std::string& message) { return {ErrorKind::type, "DTYPE", message}; }
inline Error argument_error(const std::string& message) { return {ErrorKind::type, "ARGUMENT", message}; }
inline Error state_error(const char* code, const std::string& message) {
  return {ErrorKind::state, code, message};
}

}  // namespace everlearn
