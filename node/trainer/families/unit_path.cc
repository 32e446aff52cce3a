#include "node/trainer/families/unit_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "common/random/seeded_random.h"

namespace consort::trainer {
namespace {

using Unit = ExampleLibrary::Unit;

bool Follows(const Unit& next, const Unit& last) {
  return next.example == last.example && next.second == last.second + 1;
}

bool TakenLately(const UnitPath& path, size_t unit) {
  const size_t first = path.size() - std::min<size_t>(path.size(), kRepeatSeconds);
  return std::find(path.begin() + first, path.end(), std::optional<size_t>(unit)) != path.end();
}

size_t CheapestUnit(const ExampleLibrary& library, const Wanted& wanted, const UnitPath& path) {
  const std::vector<Unit>& units = library.units();
  const Unit* last = path.empty() || !path.back().has_value() ? nullptr : &units[*path.back()];
  size_t cheapest = units.size();
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < units.size(); ++i) {
    if (!units[i].whole) continue;
    const double distance = DistanceOf(wanted, library.points()[i]);
    double cost = distance * distance;
    if (last != nullptr && !Follows(units[i], *last)) cost += kJumpCost;
    if (TakenLately(path, i)) cost += kRepeatCost;
    // A unit that shares no descriptor with what is wanted is better than none.
    if (cheapest < units.size() && !(cost < least)) continue;
    least = cost;
    cheapest = i;
  }
  return cheapest;
}

// Box and Muller's normal draw, one of each pair.
double Normal(SeededRandom& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform());
}

const MixtureComponent& DrawComponent(const std::vector<MixtureComponent>& mixture, SeededRandom& random) {
  double left = random.Uniform();
  for (const MixtureComponent& component : mixture) {
    if (component.weight > 0 && left < component.weight) return component;
    left -= component.weight;
  }
  return *std::max_element(mixture.begin(), mixture.end(),
                           [](const auto& a, const auto& b) { return a.weight < b.weight; });
}

Wanted DrawWanted(const std::vector<MixtureComponent>& mixture, SeededRandom& random) {
  const MixtureComponent& component = DrawComponent(mixture, random);
  MixtureComponent alone = component;
  alone.weight = 1;
  Wanted wanted = WantedTypical({alone}).front();
  for (int d = 0; d < kSegmentDescriptors; ++d) {
    wanted.point[d] += static_cast<float>(std::sqrt(component.variance[d]) * Normal(random));
  }
  return wanted;
}

// How much of a second is heard at its sample `i`, counted from half a fade before it: sin^2 slopes, which
// add up to 1 where two seconds overlap.
double FadeAt(int64_t i, int64_t second, bool rises, bool falls) {
  const auto slope = [](int64_t at) {
    const double angle = std::numbers::pi / 2 * (static_cast<double>(at) + 0.5) / kFadeSamples;
    return std::sin(angle) * std::sin(angle);
  };
  if (i < kFadeSamples) return rises ? slope(i) : 1;
  if (i >= second) return falls ? slope(second + kFadeSamples - 1 - i) : 1;
  return 1;
}

}  // namespace

absl::StatusOr<UnitPath> ChoosePath(const ExampleLibrary& library,
                                    absl::Span<const std::optional<Wanted>> wanted) {
  const auto& units = library.units();
  if (std::none_of(units.begin(), units.end(), [](const Unit& unit) { return unit.whole; })) {
    return absl::FailedPreconditionError(
        "no-usable-recording: no whole second of the examples sounds; give longer or louder ones");
  }
  UnitPath path;
  for (const std::optional<Wanted>& one : wanted) {
    path.push_back(one.has_value() ? std::optional<size_t>(CheapestUnit(library, *one, path)) : std::nullopt);
  }
  return path;
}

std::vector<std::optional<Wanted>> DrawWalk(const std::vector<MixtureComponent>& mixture, int64_t seconds,
                                            uint64_t seed) {
  SeededRandom random(seed);
  std::vector<std::optional<Wanted>> walk;
  for (int64_t second = 0; second < seconds; ++second) {
    const bool moves_on = random.Below(kHeldSeconds) == 0;
    walk.push_back(walk.empty() || moves_on ? DrawWanted(mixture, random) : walk.back());
  }
  return walk;
}

std::vector<float> JoinUnits(const ExampleLibrary& library, const UnitPath& path) {
  const int64_t second = library.sample_rate_hz(), half = kFadeSamples / 2;
  const auto total = static_cast<int64_t>(path.size()) * second;
  std::vector<float> joined(total);
  for (size_t n = 0; n < path.size(); ++n) {
    if (!path[n].has_value()) continue;
    const Unit& unit = library.units()[*path[n]];
    const absl::Span<const float> source = library.example(unit.example);
    const bool rises = n > 0, falls = n + 1 < path.size();
    for (int64_t i = 0; i < second + kFadeSamples; ++i) {
      const int64_t from = unit.second * second - half + i, to = static_cast<int64_t>(n) * second - half + i;
      if (from < 0 || from >= static_cast<int64_t>(source.size()) || to < 0 || to >= total) continue;
      joined[to] += static_cast<float>(FadeAt(i, second, rises, falls)) * source[from];
    }
  }
  return joined;
}

}  // namespace consort::trainer
