// Times convolutions and products of oneDNN (Debian's libdnnl-dev), one a line of standard input:
//
//     conv HEIGHT WIDTH CHANNELS FILTERS KERNEL STRIDE GROUPS SECONDS
//     product ROWS DEPTH COLUMNS SECONDS
//
// Padding is that of "same". Images are channels last, as those of the compiled programs; filters and matrices have the layout that
// oneDNN prefers, with a bias. Prints the least nanoseconds of a call.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <sstream>
#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

using dnnl::memory;
using Tag = memory::format_tag;
constexpr auto F32 = memory::data_type::f32;

static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
static dnnl::stream stream(cpu);

static memory filled(const memory::desc &desc)
{
    memory m(desc, cpu);
    auto  *at = static_cast<float *>(m.get_data_handle());
    std::fill(at, at + desc.get_size() / sizeof(float), 0.5f);
    return m;
}

static double least(const dnnl::primitive &primitive, const std::unordered_map<int, memory> &arguments, double seconds)
{
    using Clock = std::chrono::steady_clock;
    double     best = 1e30;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    do {
        const auto start = Clock::now();
        primitive.execute(stream, arguments);
        stream.wait();
        best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count());
    } while (Clock::now() < end);
    return best;
}

static double conv(std::istream &in)
{
    long   h, w, c, f, k, s, groups;
    double seconds;
    in >> h >> w >> c >> f >> k >> s >> groups >> seconds;
    const long oh = (h + s - 1) / s, ow = (w + s - 1) / s;
    const long ph = std::max((oh - 1) * s + k - h, 0L), pw = std::max((ow - 1) * s + k - w, 0L);
    const memory::dims sizes = groups > 1 ? memory::dims{groups, f / groups, c / groups, k, k} : memory::dims{f, c, k, k};
    const dnnl::convolution_forward::primitive_desc desc(
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, {{1, c, h, w}, F32, Tag::nhwc}, {sizes, F32, Tag::any},
         {{f}, F32, Tag::x}, {{1, f, oh, ow}, F32, Tag::nhwc}, {s, s}, {ph / 2, pw / 2}, {ph - ph / 2, pw - pw / 2}},
        cpu);
    return least(dnnl::convolution_forward(desc),
                 {{DNNL_ARG_SRC, filled(desc.src_desc())}, {DNNL_ARG_WEIGHTS, filled(desc.weights_desc())},
                  {DNNL_ARG_BIAS, filled(desc.bias_desc())}, {DNNL_ARG_DST, filled(desc.dst_desc())}},
                 seconds);
}

static double product(std::istream &in)
{
    long   m, k, n;
    double seconds;
    in >> m >> k >> n >> seconds;
    const dnnl::inner_product_forward::primitive_desc desc(
        {dnnl::prop_kind::forward_inference, {{m, k}, F32, Tag::nc}, {{n, k}, F32, Tag::any}, {{n}, F32, Tag::x}, {{m, n}, F32, Tag::nc}}, cpu);
    return least(dnnl::inner_product_forward(desc),
                 {{DNNL_ARG_SRC, filled(desc.src_desc())}, {DNNL_ARG_WEIGHTS, filled(desc.weights_desc())},
                  {DNNL_ARG_BIAS, filled(desc.bias_desc())}, {DNNL_ARG_DST, filled(desc.dst_desc())}},
                 seconds);
}

int main()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in(line);
        std::string        what;
        in >> what;
        std::cout << (what == "conv" ? conv(in) : product(in)) << std::endl;
    }
}
