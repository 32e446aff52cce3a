#include "node/trainer/models/adapted_weight.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <utility>

namespace consort::trainer {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// How a weight is laid over time.
struct Geometry {
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
  bool transposed = false;
};

at::Tensor Convolve(const Geometry& g, const at::Tensor& x, const at::Tensor& weight) {
  if (g.transposed) return at::conv_transpose1d(x, weight, {}, g.stride, g.padding);
  return at::conv1d(x, weight, {}, g.stride, g.padding, g.dilation);
}

// Of a plain convolution, never a transposed one: the gradient of x, or else of the weight.
at::Tensor ConvolutionGradient(const Geometry& g, const at::Tensor& gradient, const at::Tensor& x,
                               const at::Tensor& weight, bool of_x) {
  const auto gradients = at::convolution_backward(
      gradient, x, weight, c10::nullopt, {g.stride}, {g.padding}, {g.dilation},
      /*transposed=*/false, /*output_padding=*/{0}, /*groups=*/1, std::array<bool, 3>{of_x, !of_x, false});
  return of_x ? std::get<0>(gradients) : std::get<1>(gradients);
}

// Seen as a matrix, a weight has a row for each channel of one side of the layer and a column for each
// channel and tap of the other. With R what the rows meet and C what the columns meet, dW = R C^T summed over
// time; so dB = scale * R (A C)^T and dA = scale * (B^T R) C^T, where A C is a plain convolution of C. Rows
// meet the output's gradient and columns the input; in a transposed convolution it is the other way round.
struct AdaptedLayer : torch::autograd::Function<AdaptedLayer> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& merged,
                            const at::Tensor& factor_a, const at::Tensor& factor_b, double scale,
                            const Geometry& geometry) {
    context->save_for_backward({x, merged, factor_a, factor_b});
    context->saved_data["scale"] = scale;
    context->saved_data["stride"] = geometry.stride;
    context->saved_data["padding"] = geometry.padding;
    context->saved_data["dilation"] = geometry.dilation;
    context->saved_data["transposed"] = geometry.transposed;
    return Convolve(geometry, x, merged);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto& saved = context->saved_data;
    const Geometry geometry = {saved["stride"].toInt(), saved["padding"].toInt(), saved["dilation"].toInt(),
                               saved["transposed"].toBool()};
    const variable_list tensors = context->get_saved_variables();
    const at::Tensor &x = tensors[0], &merged = tensors[1], &a = tensors[2], &b = tensors[3];
    const at::Tensor& rows = geometry.transposed ? x : gradients[0];
    const at::Tensor& columns = geometry.transposed ? gradients[0] : x;
    const double scale = saved["scale"].toDouble();
    const at::Tensor taps = a.view({a.size(0), merged.size(1), merged.size(2)});

    variable_list result(6);  // one for each argument of forward
    if (x.requires_grad()) {
      result[0] = geometry.transposed ? at::conv1d(columns, merged, {}, geometry.stride, geometry.padding)
                                      : ConvolutionGradient(geometry, gradients[0], x, merged, /*of_x=*/true);
    }
    if (a.requires_grad()) {
      const at::Tensor narrow = at::matmul(b.t(), rows);
      result[2] =
          scale * ConvolutionGradient(geometry, narrow, columns, taps, /*of_x=*/false).view(a.sizes());
    }
    if (b.requires_grad()) {
      const at::Tensor narrow =
          at::conv1d(columns, taps, {}, geometry.stride, geometry.padding, geometry.dilation);
      result[3] = scale * at::matmul(rows, narrow.transpose(1, 2)).sum(0);
    }
    return result;
  }
};

}  // namespace

struct AdaptedWeight::Tensors {
  at::Tensor merged;
  at::Tensor factor_a;  // undefined without adapter
  at::Tensor factor_b;
  double scale = 0;

  bool trains_adapter() const {
    return factor_a.defined() && (factor_a.requires_grad() || factor_b.requires_grad()) &&
           at::GradMode::is_enabled();
  }
  at::Tensor Apply(const at::Tensor& x, const at::Tensor& weight, const Geometry& geometry) const {
    if (!trains_adapter()) return Convolve(geometry, x, weight);
    return AdaptedLayer::apply(x, weight, factor_a, factor_b, scale, geometry);
  }
};

AdaptedWeight::AdaptedWeight(const at::Tensor& weight)
    : tensors_(std::make_shared<Tensors>(Tensors{weight, {}, {}, 0})) {}

AdaptedWeight::AdaptedWeight(const at::Tensor& base, const at::Tensor& factor_a, const at::Tensor& factor_b,
                             double scale) {
  at::NoGradGuard no_grad;
  const at::Tensor matrix = base.view({base.size(0), -1});
  at::Tensor merged = at::addmm(matrix, factor_b, factor_a, /*beta=*/1, /*alpha=*/scale).view(base.sizes());
  tensors_ = std::make_shared<Tensors>(Tensors{std::move(merged), factor_a, factor_b, scale});
}

const at::Tensor& AdaptedWeight::merged() const { return tensors_->merged; }

at::Tensor AdaptedWeight::Conv1d(const at::Tensor& x, int64_t stride, int64_t padding,
                                 int64_t dilation) const {
  return tensors_->Apply(x, merged(), {stride, padding, dilation, /*transposed=*/false});
}

at::Tensor AdaptedWeight::ConvTranspose1d(const at::Tensor& x, int64_t stride, int64_t padding) const {
  return tensors_->Apply(x, merged(), {stride, padding, /*dilation=*/1, /*transposed=*/true});
}

// With an adapter, a convolution of one tap over all vectors in a row.
at::Tensor AdaptedWeight::Linear(const at::Tensor& x) const {
  if (!tensors_->trains_adapter()) return at::matmul(x, merged().t());
  const at::Tensor vectors = x.reshape({-1, x.size(-1)}).t().unsqueeze(0);  // [1, in, vectors]
  const at::Tensor y = tensors_->Apply(vectors, merged().unsqueeze(2), Geometry());
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = merged().size(0);
  return y.squeeze(0).t().reshape(shape);
}

}  // namespace consort::trainer
