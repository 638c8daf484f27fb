#include "harness.h"

#include <cstdlib>

namespace test {

namespace {

std::string current;
int checks = 0, failures = 0, passed_cases = 0, failed_cases = 0;
bool case_failed = false;

void end_case() {
  if (current.empty()) return;
  (case_failed ? failed_cases : passed_cases) += 1;
  std::printf("%s %s\n", case_failed ? "FAILED" : "ok    ", current.c_str());
  std::fflush(stdout);
}

}  // namespace

void* scratch(int slot, size_t bytes) {
  static std::unique_ptr<void, decltype(&std::free)> slots[4] = {
      {nullptr, std::free}, {nullptr, std::free}, {nullptr, std::free}, {nullptr, std::free}};
  slots[slot].reset(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  std::memset(slots[slot].get(), 0xff, bytes);  // NaN: nothing may be read that was not written
  return slots[slot].get();
}

void begin(const std::string& name) {
  end_case();
  current = name;
  case_failed = false;
}
void check(bool holds, const std::string& what) {
  ++checks;
  if (holds) return;
  case_failed = true;
  if (++failures <= 40) std::printf("       %s: %s\n", current.c_str(), what.c_str());
}
int finish() {
  end_case();
  std::printf("%d passed, %d failed\n", passed_cases, failed_cases);
  return failed_cases ? 1 : 0;
}

double Random::uniform() {
  state += 0x9E3779B97F4A7C15u;  // SplitMix64
  uint64_t z = state;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}
double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * M_PI * uniform());
}
int64_t Random::below(int64_t n) { return (int64_t)(uniform() * (double)n); }
std::vector<double> Random::normals(int64_t n, double scale) {
  std::vector<double> all(n);
  for (double& v : all) v = normal() * scale;
  return all;
}
Tensor normal(Random& random, std::vector<int64_t> shape, DType dtype, double scale) {
  Tensor t = make(std::move(shape), dtype);
  for (int64_t i = 0; i < t.size(); ++i) t.set(i, random.normal() * scale);
  return t;
}

const char* name_of(DType dtype) {
  const char* names[] = {"float32", "bfloat16", "float16", "int32", "uint8"};
  return names[(int)dtype];
}
double rounding(DType dtype) {
  return dtype == DType::float32 ? 2e-6 : dtype == DType::bfloat16 ? 4e-3 : 6e-4;
}

void check_close(const Tensor& got, const std::vector<double>& wanted, double most, const std::string& what) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double value = got.get((int64_t)i);
    if (std::isnan(wanted[i]) && std::isnan(value)) continue;
    if (value == wanted[i]) {
      if (std::isfinite(value)) norm += value * value;
      continue;
    }
    error += (value - wanted[i]) * (value - wanted[i]);
    norm += wanted[i] * wanted[i];
  }
  const double relative = std::sqrt(error / (norm > 0 ? norm : 1));
  check(relative <= most, what + ": relative error " + std::to_string(relative * 1e6) + "e-6, at most " +
                              std::to_string(most * 1e6) + "e-6");
}

Outputs run(const std::function<Outputs(const Context&)>& body) {
  const Outputs one = body(context_of(1));
  for (int threads = 2; threads <= 3; ++threads) {
    const Outputs many = body(context_of(threads));
    for (size_t i = 0; i < one.size(); ++i)
      check(same_bytes(one[i], many[i]),
            "output " + std::to_string(i) + " with " + std::to_string(threads) + " threads is as with one");
  }
  return one;
}

Words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}
double Site::factor(int64_t row, uint32_t block, int64_t word) const {
  if (probability == 0) return 1;
  const Words w = philox((uint32_t)step.get(0), site, (uint32_t)rows.get(row), block, (uint64_t)seed);
  const auto threshold = (uint32_t)((double)probability * 4294967296.0);
  return w.word[word] < threshold ? 0 : (double)(1 / (1 - probability));
}
void Site::apply(Dropout& op) const {
  op.rows = rows.view();
  op.step = step.view();
  op.seed = seed;
  op.site = site;
  op.probability = probability;
}
Site site_of(int64_t rows, double probability) {
  Site s;
  s.rows = make({rows}, DType::int32);
  for (int64_t i = 0; i < rows; ++i) s.rows.set(i, (double)(i / 3 * 512 + i % 3 + 100000));
  s.step = make({1}, DType::int32, 12345);
  s.probability = (float)probability;
  return s;
}

void check_gradient(std::vector<double>& input, const std::vector<double>& gradient,
                    const std::function<double()>& loss, double most, const std::string& what) {
  if (input.empty()) return;
  double norm = 0;
  for (double g : gradient) norm += g * g;
  norm = std::sqrt(norm);
  Random random{input.size()};
  const std::vector<double> start = input;
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::vector<double> direction(input.size());
    if (attempt < 10)
      direction[random.below((int64_t)input.size())] = 1;
    else
      direction = random.normals((int64_t)input.size());
    double wanted = 0, got = 0;
    constexpr double kStep = 1e-5;
    for (double sign : {1.0, -1.0}) {
      for (size_t i = 0; i < input.size(); ++i) input[i] = start[i] + sign * kStep * direction[i];
      wanted += sign * loss() / (2 * kStep);
    }
    for (size_t i = 0; i < input.size(); ++i) got += gradient[i] * direction[i];
    check(std::fabs(got - wanted) <= 4 * most * norm + 1e-6,
          what + ": " + std::to_string(got) + " along a direction, finite difference " +
              std::to_string(wanted) + ", norm " + std::to_string(norm));
  }
  input = start;
}
std::vector<double> difference(const Tensor& after, const std::vector<double>& before) {
  std::vector<double> d = after.values();
  for (size_t i = 0; i < d.size(); ++i) d[i] -= before[i];
  return d;
}

}  // namespace test
