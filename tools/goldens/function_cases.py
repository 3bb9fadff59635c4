"""The calls of Keras' functions that tests/library/keras holds MDL's to, by family: inputs, and expressions that read the same in
MDL and in Python. Results that are tuples are taken apart."""
import numpy as np

R = np.random.RandomState(17)


def normal(*shape):
    return R.normal(size=shape).astype(np.float32)


def parts(text, count):
    return [f"{text}[{i}]" for i in range(count)]


X = {"x": normal(3, 4), "y": normal(3, 4), "v": normal(4), "w": normal(6), "t": normal(2, 3, 4), "s": normal(4, 4),
     "p": R.uniform(0.1, 0.9, (3, 4)).astype(np.float32), "n": np.array([[1, np.nan, -2, 3], [np.nan, np.nan, np.nan, np.nan], [4, 0.5, -0.25, 7]], np.float32),
     "e": np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1e30, 1e-40], np.float32), "i": np.array([[0, 2, 1], [3, 1, 1]], np.int32),
     "j": np.array([[4, -6, 9], [12, 0, 7]], np.int32), "b": np.array([True, False, True, True]), "u": np.array([7, 0, 255], np.uint8)}

CREATION = [
    "ops.arange(5)", "ops.arange(2, 9, 3)", "ops.arange(0.5, 3.0, 0.5)", "ops.eye(3)", "ops.eye(3, 4, k=1)", "ops.eye(4, 3, -1, 'int32')", "ops.identity(3)",
    "ops.tri(3, 4)", "ops.tri(3, k=-1)", "ops.linspace(-1.0, 2.0, 7)", "ops.linspace(0.0, 1.0, 4, endpoint=false)", "ops.linspace(0.0, 1.0, 5, retstep=true)[0]",
    "ops.linspace(v, 2 * v, 3)", "ops.linspace(v, 3 * v, 3, axis=1)", "ops.linspace(0.0, 10.0, 4, dtype='int32')", "ops.logspace(0.0, 2.0, 5)", "ops.logspace(0.0, 3.0, 4, base=2)",
    "ops.geomspace(1.0, 1000.0, 4)", "ops.geomspace(2.0, 32.0, 5)", "ops.geomspace(1.0, 16.0, 4, endpoint=false)",
    "ops.full((2, 3), 2.5)", "ops.full_like(x, 3)", "ops.zeros_like(x)", "ops.ones_like(i)", "ops.ones_like(x, dtype='int32')",
    "ops.vander(v)", "ops.vander(v, 3)", "ops.vander(v, 3, increasing=true)", "ops.diag(v)", "ops.diag(v, k=1)", "ops.diag(v, k=-2)", "ops.diag(s)", "ops.diag(x, k=1)", "ops.diag(x, k=-1)",
    "ops.diagflat(i)", "ops.diagflat(v, k=1)", "ops.diagonal(t)", "ops.diagonal(t, offset=1, axis1=1, axis2=2)", "ops.diagonal(t, -1, 2, 1)", "ops.trace(s)", "ops.trace(t, 1, 1, 2)",
    "ops.trace(i)", "ops.meshgrid(v, w)[0]", "ops.meshgrid(v, w, indexing='ij')[1]", "ops.array([1.0, 2.0])", "ops.convert_to_tensor(3)",
    "ops.bartlett(7)", "ops.bartlett(8)", "ops.blackman(6)", "ops.hamming(7)", "ops.hanning(6)", "ops.kaiser(7, 5.0)", "ops.kaiser(8, 14.0)", "ops.hanning(1)", "ops.bartlett(1)",
]
ARRANGEMENT = [
    "ops.append(x, y)", "ops.append(x, y, axis=1)", "ops.array_split(w, 4)[0]", "ops.array_split(w, 4)[3]", "ops.array_split(x, 3, axis=1)[1]", "ops.hsplit(x, 2)[1]", "ops.vsplit(x, 3)[2]",
    "ops.dsplit(t, 2)[1]", "ops.dstack([x, y])", "ops.dstack([v, v])", "ops.hstack([x, y])", "ops.vstack([x, y])", "ops.rot90(x)", "ops.rot90(s, k=2)", "ops.rot90(t, k=3, axes=(1, 2))",
    "ops.rot90(x, k=-1)", "ops.rot90(t, axes=(2, 0))", "ops.roll(x, 1, axis=1)", "ops.repeat(x, 2, axis=0)", "ops.tile(x, (2, 1))", "ops.one_hot(i, 4)", "ops.one_hot(i, 4, axis=1)",
    "ops.one_hot(i, 4, dtype='int32')", "ops.multi_hot(i, 4)", "ops.tril(s)", "ops.triu(t, k=1)", "ops.top_k(x, 2)[0]", "ops.top_k(x, 2)[1]", "ops.diff(x)", "ops.diff(t, n=2, axis=1)",
    "ops.depth_to_space(ops.reshape(t, (1, 2, 3, 4)), 2)", "ops.space_to_depth(ops.reshape(t, (1, 2, 2, 6)), 2)", "ops.get_item(t, 1)", "ops.get_item(t, (0, 2))",
    "ops.take_along_axis(x, [[3, 0], [1, 1], [2, 0]], axis=1)", "ops.take_along_axis(x, [3, 11, 0])", "ops.slice(x, (1, 0), (2, 3))", "ops.slice_update(x, (1, 1), ops.ones((2, 2)))",
    "ops.select([x > 1, x > 0], [x, y])", "ops.select([x > 1, x > 0], [x * 2, y], default=-1)", "ops.moveaxis(t, 0, -1)", "ops.squeeze(t[:1])", "ops.size(t)", "ops.view(x, dtype='int32')",
    "ops.view(u, dtype='int8')", "ops.view(x, dtype='int16')", "ops.saturate_cast(j * 30, 'int8')", "ops.saturate_cast(x * 200, 'int8')",
]
ELEMENTS = [
    "ops.isclose(x, y)", "ops.isclose(x, x + 1e-6)", "ops.isclose(n, n, equal_nan=true)", "ops.allclose(x, x)", "ops.allclose(x, y)",
    "ops.nan_to_num(e)", "ops.nan_to_num(e, nan=1.0, posinf=5.0, neginf=-6.0)", "ops.isposinf(e)", "ops.isneginf(e)", "ops.fabs(x)", "ops.fmax(n, x)", "ops.fmin(n, x)", "ops.fmod(x, y)",
    "ops.fmod(j, 4)", "ops.divide_no_nan(x, ops.maximum(y, 0))", "ops.gcd(j, 6)", "ops.lcm(j, 6)", "ops.bitwise_left_shift(i, 2)", "ops.bitwise_right_shift(j, 1)", "ops.bitwise_invert(i)",
    "ops.real(x)", "ops.imag(x)", "ops.conj(x)", "ops.conjugate(x)", "ops.isreal(x)", "ops.angle(x)", "ops.signbit(e)", "ops.erfc(x)", "ops.erfc(4 * x)", "ops.i0(x)", "ops.i0(30 * p)", "ops.ldexp(x, 3)", "ops.ldexp(v, i[:, :1])",
    "ops.nextafter(x, y)", "ops.cbrt(x)", "ops.hypot(x, y)", "ops.heaviside(x, 0.5)", "ops.logaddexp2(x, y)", "ops.sinc(x)", "ops.absolute(x)", "ops.deg2rad(x)", "ops.rad2deg(x)", "ops.exp2(x)",
    "ops.stop_gradient(x)", "ops.clip(x, -1, 1)", "ops.floor_divide(x, y)", "ops.power(p, y)", "ops.sign(e)", "ops.trunc(3 * x)", "ops.round(100 * x, 1)", "ops.logical_xor(b, ~b)", "ops.reciprocal(x)",
    "ops.where(x > 0, x, 0)", "ops.mod(x, y)", "ops.arctan2(x, y)",
]
REDUCTIONS = [
    "ops.nansum(n)", "ops.nansum(n, axis=1)", "ops.nanmean(n, axis=1)", "ops.nanmean(n, axis=0, keepdims=true)", "ops.nanvar(n, axis=0)", "ops.nanstd(n)", "ops.nanmax(n, axis=1)",
    "ops.nanmin(n, axis=0)", "ops.nanmax(n)", "ops.nanprod(n, axis=1)", "ops.nancumsum(n, axis=1)", "ops.nancumprod(n, axis=0)", "ops.nanargmax(n, axis=1)", "ops.nanargmin(n, axis=1)",
    "ops.nanmedian(n)", "ops.nanmedian(n, axis=0)", "ops.nanquantile(n, 0.3, axis=0)", "ops.nanpercentile(n, 30, axis=0)", "ops.nanmax(i, axis=0)", "ops.nansum(i)",
    "ops.median(x)", "ops.median(x, axis=0)", "ops.median(x, axis=1)", "ops.median(t, axis=(0, 2), keepdims=true)", "ops.median(i)", "ops.median(n, axis=1)",
    "ops.quantile(x, 0.3)", "ops.quantile(x, [0.1, 0.5, 1.0], axis=1)", "ops.quantile(x, 0.4, axis=1, method='lower')", "ops.quantile(x, 0.4, axis=1, method='higher')",
    "ops.quantile(x, 0.4, axis=1, method='midpoint')", "ops.quantile(x, 0.4, axis=1, method='nearest')", "ops.quantile(t, [0.25, 0.75], axis=[1, 2], keepdims=true)", "ops.quantile(t, p[0, :2], axis=1)",
    "ops.percentile(x, 30.0)", "ops.percentile(x, [10, 50], axis=0)", "ops.percentile(x, 75, axis=1, keepdims=true)",
    "ops.max(x, axis=1, initial=0.5)", "ops.min(x, initial=-0.5)", "ops.prod(x, axis=0, dtype='float32')", "ops.cumsum(i, axis=1, dtype='float32')", "ops.cumprod(x, axis=0)", "ops.cumsum(b)",
    "ops.average(x, axis=1, weights=v)", "ops.count_nonzero(i, axis=0)", "ops.ptp(x, axis=1)", "ops.logsumexp(x, axis=1)", "ops.logsumexp(x, axis=1, keepdims=true)", "ops.std(x, axis=0)", "ops.moments(t, [0, 2])[1]",
    "ops.argmax(x, axis=1, keepdims=true)", "ops.any(b)", "ops.trapezoid(x)", "ops.trapezoid(x, dx=0.5, axis=0)", "ops.trapezoid(x, x=v)", "ops.corrcoef(x)", "ops.normalize(x)", "ops.normalize(x, axis=0, order=1)", "ops.normalize(x, order=3)",
    "ops.segment_sum(x, ops.array([0, 0, 2]), num_segments=4)", "ops.segment_max(x, ops.array([1, 0, 1]), num_segments=3)", "ops.segment_min(i, ops.array([1, 1]), num_segments=2)", "ops.segment_max(i, ops.array([1, 1]), num_segments=2)", "ops.segment_min(x, ops.array([2, 1, 2]), num_segments=3)",
     "ops.segment_prod(x, ops.array([0, 1, 1]), num_segments=2)",
]
PLACES = [
    "ops.searchsorted(ops.sort(w), x[0])", "ops.searchsorted(ops.sort(w), w, side='right')", "ops.searchsorted(ops.array([1, 3, 3, 5]), i[1])", "ops.digitize(x, [-1.0, 0.0, 0.5])", "ops.digitize(i, [1, 2])",
    "ops.bincount(i[0], minlength=5)", "ops.bincount(i, minlength=6)", "ops.bincount(i[1], weights=v[:3], minlength=4)", "ops.isin(i, [1, 3])", "ops.isin(i, [1, 3], invert=true)",
    *parts("ops.histogram(w, 4)", 2), *parts("ops.histogram(w, bins=5, range=(-1.0, 1.0))", 2), "ops.in_top_k(ops.array([1, 3, 0]), x, 2)", "ops.scatter(ops.array([[1], [3], [1]]), x, (5, 4))",
    "ops.scatter(ops.array([[0, 1], [2, 2]]), v[:2], (3, 3))", "ops.scatter_update(x, ops.array([[0], [2]]), y[:2])", "ops.scatter_update(x, ops.array([[0, 1], [2, 3], [0, 1]]), v[:3], reduction='add')",
    "ops.scatter_update(x, ops.array([[1], [1]]), y[:2], reduction='max')", "ops.scatter_update(x, ops.array([[1], [1]]), y[:2], reduction='min')", "ops.scatter_update(x, ops.array([[1], [1]]), y[:2], reduction='mul')",
    "ops.correlate(w, v)", "ops.correlate(w, v, mode='full')", "ops.correlate(w, v, mode='same')", "ops.cdist(x, y)", "ops.cdist(t, t)",
    "ops.unravel_index(ops.array([5, 1, 11]), (3, 4))[0]", "ops.unravel_index(ops.array([5, 1, 11]), (3, 4))[1]",
    "ops.cross(x[:, :3], y[:, :3])", "ops.cross(x[:, :2], y[:, :2])", "ops.cross(x[:, :2], y[:, :3])", "ops.cross(x[:3, :], y[:3, :], axis=0)", "ops.kron(x, s)", "ops.inner(x, y)", "ops.outer(v, w)", "ops.vdot(x, y)",
]
SPD = "(ops.matmul(s, ops.transpose(s)) + ops.eye(4))"
G = {"s": normal(4, 4), "a": normal(2, 5, 3), "r": normal(3, 5), "m": normal(4, 2), "v": normal(4), "z": np.stack([normal(4, 4), normal(4, 4)]), "k": np.array([[1, 2, 3], [2, 4, 6], [0, 1, 0]], np.float32)}
LINALG = [
    f"ops.cholesky({SPD})", f"ops.cholesky({SPD}, upper=true)", f"ops.cholesky_inverse(ops.cholesky({SPD}))", f"ops.cholesky_inverse(ops.cholesky({SPD}, upper=true), upper=true)",
    "ops.det(s)", "ops.det(z)", "ops.det(k)", *parts("ops.slogdet(z)", 2), f"ops.logdet({SPD})", "ops.inv(s)", "ops.inv(z)", "ops.solve(s, m)", "ops.solve(s, v)", "ops.solve(z, ops.stack([m, m]))",
    "ops.solve_triangular(s, m)", "ops.solve_triangular(s, m, lower=true)", "ops.solve_triangular(s, v)", *parts("ops.lu_factor(s)", 2),
    "ops.norm(s)", "ops.norm(v)", "ops.norm(s, axis=1)", "ops.norm(s, ord=1)", "ops.norm(s, ord=-1)", "ops.norm(s, ord=inf)", "ops.norm(s, ord=-inf)", "ops.norm(s, ord=2)", "ops.norm(s, ord=-2)", "ops.norm(s, ord='nuc')",
    "ops.norm(s, ord='fro')", "ops.norm(v, ord=3)", "ops.norm(v, ord=0)", "ops.norm(v, ord=inf)", "ops.norm(v, ord=-inf)", "ops.norm(a, ord=1, axis=(1, 2))", "ops.norm(a, ord=2, axis=(0, 2), keepdims=true)", "ops.norm(a, axis=-1, keepdims=true)",
    "ops.svd(s, compute_uv=false)", "ops.svd(a, compute_uv=false)", "ops.svd(r, compute_uv=false)", "ops.svd(a)[1]", "ops.eigh(s + ops.transpose(s))[0]",
    "ops.abs(ops.qr(a)[0])", "ops.abs(ops.qr(a)[1])", "ops.abs(ops.qr(r)[1])", "ops.abs(ops.qr(s, mode='complete')[1])", "ops.matrix_rank(k)", "ops.matrix_rank(z)", "ops.matrix_rank(s, tol=1.0)", "ops.pinv(r)", "ops.pinv(a)",
    "ops.pinv(k, rcond=0.01)", "ops.lstsq(a[0], v[0] + a[1, :, 0])", "ops.lstsq(a[0], a[1])", "ops.lstsq(r, m[:3])", "ops.einsum('ij,jk->ik', s, m)", "ops.matmul(a, r[:, :2])",
]
F = {"x": normal(2, 12), "y": normal(2, 12), "p": normal(3, 7), "q": normal(3, 7), "t": normal(2, 4, 6), "u": normal(2, 4, 6), "a": normal(2, 60)}
STFT = "ops.stft(a, 16, 4, 20)"
SPECTRA = [
    *parts("ops.fft((x, y))", 2), *parts("ops.fft((p, q))", 2), *parts("ops.fft2((t, u))", 2), *parts("ops.ifft2((t, u))", 2), *parts("ops.rfft(x)", 2), *parts("ops.rfft(p)", 2), *parts("ops.rfft(x, fft_length=8)", 2),
    *parts("ops.rfft(p, fft_length=10)", 2), "ops.irfft((x, y))", "ops.irfft((p, q))", "ops.irfft((p, q), fft_length=9)", "ops.irfft((p, q), fft_length=20)", "ops.irfft(ops.rfft(a))", "ops.extract_sequences(a, 16, 5)",
    *parts(STFT, 2), *parts("ops.stft(a, 16, 8, 16, window='hamming', center=false)", 2), *parts("ops.stft(a, 10, 5, 16, window=none)", 2), *parts("ops.stft(a, 12, 6, 16, window=x[0])", 2),
    f"ops.istft({STFT}, 16, 4, 20)", f"ops.istft({STFT}, 16, 4, 20, length=40)", "ops.istft(ops.stft(a, 16, 8, 16, window='hamming', center=false), 16, 8, 16, window='hamming', center=false)",
]
L = {"x": normal(3, 4), "p": R.uniform(0.1, 0.9, (3, 4)).astype(np.float32), "t": R.uniform(0, 1, (3, 4)).astype(np.float32), "i": np.array([2, 0, 3], np.int32), "o": normal(2, 7, 5), "l": np.array([[1, 2, 2], [3, 1, 0]], np.int32),
     "c": np.array([3, 2], np.int32), "d": np.array([7, 5], np.int32), "h": 300 * normal(3, 4), "g": normal(2, 6, 8, 4), "f": normal(2, 9, 3), "k": normal(2, 3, 4, 2), "w": normal(1, 1, 8, 5), "q": normal(2, 5, 4, 3), "m": normal(2, 6, 2, 3)}
NN = [
    "ops.binary_crossentropy(t, p)", "ops.binary_crossentropy(t, x, from_logits=true)", "ops.binary_crossentropy(t, h, from_logits=true)", "ops.categorical_crossentropy(t, p)",
    "ops.categorical_crossentropy(t, x, from_logits=true)", "ops.categorical_crossentropy(t, h, from_logits=true, axis=0)", "ops.sparse_categorical_crossentropy(i, p)", "ops.sparse_categorical_crossentropy(i, x, from_logits=true)",
    "ops.psnr(x, p, 2.0)", "ops.ctc_loss(l, o, c, d)", "ops.ctc_loss(ops.maximum(l - 1, 0), o, c, d, mask_index=4)", *parts("ops.ctc_decode(o, d)", 2), *parts("ops.ctc_decode(o, d, merge_repeated=false, mask_index=2)", 2),
    *parts("ops.ctc_decode(o, d, strategy='beam_search')", 2), *parts("ops.ctc_decode(3 * o, d, strategy='beam_search', beam_width=4, top_paths=3)", 2),
    *parts("ops.ctc_decode(o, d, 'beam_search', 3, 1, false, 2)", 2), *parts("ops.ctc_decode(o, d, strategy='beam_search', beam_width=1, mask_index=-2)", 2), *parts("ops.ctc_decode(o, d, mask_index=none)", 2),
    *parts("ops.ctc_decode(0.3 * o, d, strategy='beam_search', beam_width=2, top_paths=2, mask_index=none)", 2),
    "activations.sparsemax(x)", "activations.sparsemax(x * 0.1)", "activations.sparsemax(h)", "activations.sparsemax(o, axis=1)", "activations.sparsemax(x * 0.0)", "activations.sparsemax(p + 8)",
    "ops.adaptive_average_pool(g, (4, 3))", "ops.adaptive_average_pool(f, 4)", "ops.adaptive_max_pool(g, (4, 3))", "ops.adaptive_max_pool(f, 5)", "ops.adaptive_average_pool(g, 2, data_format='channels_first')",
    "ops.separable_conv(g, k, w, strides=1)", "ops.separable_conv(g, k, w, strides=2, padding='same')", "ops.unfold(g, 2)", "ops.unfold(g, (3, 2), dilation=2, padding=1, stride=(1, 2))",
    "ops.fold(ops.unfold(g, 2), (8, 4), 2)", "ops.fold(ops.unfold(g, 3, stride=2, padding=1), (8, 4), 3, stride=2, padding=1)", "ops.relu6(x * 5)",
    "ops.layer_normalization(x)", "ops.dot_product_attention(q, q, q)", "ops.rms_normalization(x)", "ops.batch_normalization(x, p[0], t[0], axis=-1)", "ops.celu(x, 0.5)", "ops.glu(x)",
    "ops.squareplus(x)", "ops.gelu(x)", "ops.gelu(x, approximate=false)", "ops.threshold(x, 0.5, 7.0)", "ops.soft_shrink(x)", "ops.log_sigmoid(h)", "ops.softmax(h)", "ops.log_softmax(h, axis=0)", "activations.relu(x, 0.1, 0.8, 0.2)",
    "activations.gelu(x)", "activations.mish(h)", "activations.softplus(h)", "activations.elu(x, 0.3)", "activations.leaky_relu(x, 0.4)", "activations.exponential(x)", "activations.log_softmax(x)", "activations.sigmoid(h)", "activations.softmax(x)",
]
I = {"c": R.uniform(0, 1, (2, 7, 6, 3)).astype(np.float32), "d": R.uniform(0, 1, (2, 7, 6, 3)).astype(np.float32), "f": normal(2, 3, 7, 6), "g": R.uniform(0, 1, (12, 12, 1)).astype(np.float32),
     "h": R.uniform(0, 1, (12, 12, 1)).astype(np.float32), "u": R.randint(0, 256, (2, 5, 4, 3)).astype(np.uint8), "v": normal(2, 4, 5, 4, 2), "a": np.array([[1.0, 0.1, -0.7, -0.05, 0.9, 0.4, 0.01, -0.02], [0.8, 0, 1.3, 0.2, 1.1, -2.2, 0, 0]], np.float32),
     "p": np.array([[0, 0], [5, 0], [0, 6], [5, 6]], np.float32), "q": np.array([[0.5, 1], [4.5, 0.25], [0, 5.5], [5.25, 6]], np.float32), "m": normal(4, 5), "k": np.stack([R.uniform(-1.5, 5.5, 9), R.uniform(-1.5, 6.5, 9)]).astype(np.float32)}
IMAGE = [
    "ops.image.pad_images(c, 1, 2, 3, 0)", "ops.image.pad_images(c, top_padding=1, left_padding=2, target_height=10, target_width=9)", "ops.image.pad_images(f, 1, 0, 0, 2, data_format='channels_first')",
    "ops.image.crop_images(c, 1, 2, 3, 0)", "ops.image.crop_images(c, bottom_cropping=1, right_cropping=2, target_height=4, target_width=3)", "ops.image.crop_images(f[0], 1, 1, 1, 1, data_format='channels_first')",
    "ops.image.extract_patches(c, 2)", "ops.image.extract_patches(c, (3, 2), strides=(1, 2), padding='same')", "ops.image.extract_patches(c, 2, strides=1, dilation_rate=2)",
    "ops.image.extract_patches(c[0], (2, 3))", "ops.image.extract_patches_3d(v, 2)", "ops.image.extract_patches(v, (2, 3, 2), strides=(1, 1, 2))", "ops.image.rgb_to_grayscale(c)", "ops.image.rgb_to_grayscale(f, data_format='channels_first')",
    "ops.image.rgb_to_grayscale(u)", "ops.image.rgb_to_hsv(c)", "ops.image.rgb_to_hsv(ops.abs(f), data_format='channels_first')", "ops.image.hsv_to_rgb(c)", "ops.image.rgb_to_hsv(c * 0.0 + 0.5)", "ops.image.gaussian_blur(c)",
    "ops.image.gaussian_blur(c, (5, 5), (1.5, 0.7))", "ops.image.gaussian_blur(c, (3, 5), (1.0, 2.0))", "ops.image.gaussian_blur(f, data_format='channels_first')", "ops.image.gaussian_blur(c[1])", "ops.image.sobel_edges(c)", "ops.image.sobel_edges(f, data_format='channels_first')",
    "ops.image.ssim(g, h)", "ops.image.ssim(c, d, filter_size=5, max_val=2.0)", "ops.image.ssim(f, f * 0.9, filter_size=3, k1=0.02, k2=0.05, filter_sigma=0.8, data_format='channels_first')",
    "ops.image.affine_transform(c, a)", "ops.image.affine_transform(c, a[0])", "ops.image.affine_transform(c, a, interpolation='nearest')", "ops.image.affine_transform(c, a, fill_mode='reflect')", "ops.image.affine_transform(c, a, fill_mode='wrap')",
    "ops.image.affine_transform(c, a, fill_mode='nearest')", "ops.image.affine_transform(c, a, fill_value=0.5)", "ops.image.affine_transform(f, a, data_format='channels_first')", "ops.image.affine_transform(c[0], a[1])",
    "ops.image.perspective_transform(c, p, q)", "ops.image.perspective_transform(c, ops.stack([p, q]), ops.stack([q, p]))", "ops.image.perspective_transform(c, p, q, interpolation='nearest', fill_value=0.25)",
    "ops.image.map_coordinates(m, k, 1)", "ops.image.map_coordinates(m, k, 0)", "ops.image.map_coordinates(m, k, 1, fill_value=2.0)", "ops.image.map_coordinates(m, k, 1, fill_mode='nearest')", "ops.image.map_coordinates(m, k, 1, fill_mode='wrap')",
    "ops.image.map_coordinates(m, k, 1, fill_mode='reflect')", "ops.image.map_coordinates(m, k, 0, fill_mode='reflect')", "ops.image.map_coordinates(u[0, :, :, 0], k[:, :4] * 0.5 + 0.8, 1, fill_mode='nearest')",
    "ops.image.resize(c, (10, 9))", "ops.image.resize(c, (4, 3))", "ops.image.resize(c, (4, 3), antialias=true)", "ops.image.resize(c, (10, 3), interpolation='nearest')", "ops.image.resize(c, (10, 9), interpolation='lanczos3')",
    "ops.image.resize(c, (4, 9), interpolation='lanczos5')", "ops.image.resize(c, (4, 3), interpolation='lanczos3', antialias=true)", "ops.image.resize(c, (4, 4), interpolation='bicubic', antialias=true)", "ops.image.resize(c, (4, 8), crop_to_aspect_ratio=true)",
    "ops.image.resize(c, (4, 8), pad_to_aspect_ratio=true, fill_value=0.5)", "ops.image.resize(f, (5, 5), data_format='channels_first')", "ops.image.resize(c[0], (5, 8))", "ops.image.resize(u, (3, 3))",
    "ops.image.scale_and_translate(c, (2, 9, 8, 3), ops.array([1.5, 0.8]), ops.array([0.25, -0.5]), (1, 2), 'linear')", "ops.image.scale_and_translate(c, (2, 5, 8, 3), ops.array([0.6, 1.3]), ops.array([0.0, 1.0]), (1, 2), 'cubic')",
    "ops.image.scale_and_translate(c, (2, 5, 6, 3), ops.array([0.6]), ops.array([0.3]), (1,), 'lanczos3', antialias=false)", "ops.rearrange(c, 'b h w c -> (b c) w h')",
    "ops.rearrange(c[..., 0], 'b h w -> w (h b)')",
]
FAMILIES = {"creation": (X, CREATION), "arrangement": (X, ARRANGEMENT), "elements": (X, ELEMENTS), "reductions": (X, REDUCTIONS), "places": (X, PLACES), "linalg": (G, LINALG), "spectra": (F, SPECTRA), "nn": (L, NN), "image": (I, IMAGE)}
# Whose results are all zeros, which says enough.
TRIVIAL = {"ops.det(k)", "ops.zeros_like(x)", "ops.imag(x)"}
