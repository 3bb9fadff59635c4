#!/usr/bin/env python3
"""A program for every row of ops.def: one model that calls them all, compared with NumPy. A row without a call fails.

Usage: run.py MDLC
"""
import math, os, re, subprocess, sys, tempfile
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
mdlc = os.path.abspath(sys.argv[1])
rows = re.findall(r'^OP\((\w+), +(\w+), +\w+, +-?\d+, +"((?:[^"\\]|\\.)*)"', open(os.path.join(here, '../../runtime/ops.def')).read(), re.M)
rng = np.random.default_rng(7)
erf = np.vectorize(math.erf)

# inputs: name -> (type in MDL, values); b and t are symbolic
inputs = {
    'x': ('float32[b, t, 4]', rng.normal(size=(2, 3, 4)).astype('f4')),
    'y': ('float32[b, t, 4]', rng.normal(size=(2, 3, 4)).astype('f4')),
    'p': ('float32[b, t, 4]', rng.uniform(0.1, 0.9, size=(2, 3, 4)).astype('f4')),
    'm': ('float32[4, 5]', rng.normal(size=(4, 5)).astype('f4')),
    's': ('float32[4, 4]', np.array([[6, 1, 2, 1], [1, 1, 2, 0], [2, -1, 1, 0.5], [0.5, 0, 1, 2]], 'f4')),
    'i': ('int32[b, t]', rng.integers(0, 4, size=(2, 3)).astype('i4')),
    'j': ('int32[b, t]', rng.integers(1, 5, size=(2, 3)).astype('i4')),
    'k': ('bool[b, t, 4]', rng.integers(0, 2, size=(2, 3, 4)).astype(bool)),
    'l': ('bool[b, t, 4]', rng.integers(0, 2, size=(2, 3, 4)).astype(bool)),
    'img': ('float32[b, 6, 5, 3]', rng.normal(size=(2, 6, 5, 3)).astype('f4')),
    'ker': ('float32[3, 2, 3, 4]', rng.normal(size=(3, 2, 3, 4)).astype('f4')),
    'dep': ('float32[3, 2, 3, 2]', rng.normal(size=(3, 2, 3, 2)).astype('f4')),
    'up': ('float32[3, 2, 4, 3]', rng.normal(size=(3, 2, 4, 3)).astype('f4')),
}
v = {name: value.astype('f8') if value.dtype == 'f4' else value for name, (_, value) in inputs.items()}


def conv(x, k, stride):
    h, w = (x.shape[1] - k.shape[0]) // stride + 1, (x.shape[2] - k.shape[1]) // stride + 1
    return np.stack([np.stack([np.einsum('bhwc,hwcf->bf', x[:, r * stride:r * stride + k.shape[0], c * stride:c * stride + k.shape[1]], k)
                               for c in range(w)], 1) for r in range(h)], 1)


def depthwise(x, k):
    parts = [conv(x[..., c:c + 1], k[:, :, c:c + 1], 1) for c in range(x.shape[-1])]
    return np.concatenate(parts, -1)


def conv_transpose(x, k, stride):
    out = np.zeros((x.shape[0], (x.shape[1] - 1) * stride + k.shape[0], (x.shape[2] - 1) * stride + k.shape[1], k.shape[2]))
    for r in range(x.shape[1]):
        for c in range(x.shape[2]):
            out[:, r * stride:r * stride + k.shape[0], c * stride:c * stride + k.shape[1]] += np.einsum('bc,hwfc->bhwf', x[:, r, c], k)
    return out


def pool(x, size, f):
    return np.stack([np.stack([f(x[:, r * size:(r + 1) * size, c * size:(c + 1) * size], (1, 2)) for c in range(x.shape[2] // size)], 1)
                     for r in range(x.shape[1] // size)], 1)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def power(x1, x2):
    return np.power(np.abs(x1), x2)


# row -> (call in MDL, the same in NumPy)
calls = {name: (f'{name}(x)', f) for name, f in dict(
    negative=np.negative, abs=np.abs, sign=np.sign, square=np.square, reciprocal=np.reciprocal, exp=np.exp, exp2=np.exp2, expm1=np.expm1, sin=np.sin,
    cos=np.cos, tan=np.tan, arctan=np.arctan, sinh=np.sinh, cosh=np.cosh, tanh=np.tanh, arcsinh=np.arcsinh, erf=erf, floor=np.floor, ceil=np.ceil,
    trunc=np.trunc, isnan=np.isnan, isinf=np.isinf, isfinite=np.isfinite, sigmoid=lambda x: 1 / (1 + np.exp(-x)), softplus=lambda x: np.log1p(np.exp(x)),
    softmax=softmax, log_softmax=lambda x: np.log(softmax(x)), round=np.round, flip=np.flip).items()}
calls = {name: (c, f(v['x'])) for name, (c, f) in calls.items()}
for name, f in dict(sqrt=np.sqrt, rsqrt=lambda p: 1 / np.sqrt(p), log=np.log, log2=np.log2, log10=np.log10, log1p=np.log1p, arcsin=np.arcsin,
                    arccos=np.arccos, arctanh=np.arctanh).items():
    calls[name] = (f'{name}(p)', f(v['p']))
for name, f in dict(signbit=np.signbit, i0=np.i0, erfc=np.vectorize(math.erfc)).items():
    calls[name] = (f'{name}(x)', f(v['x']))
for name in 'add subtract multiply divide floor_divide mod maximum minimum arctan2 logaddexp equal not_equal less less_equal greater greater_equal true_divide'.split():
    calls[name] = (f'{name}(x, y)', getattr(np, name)(v['x'], v['y']))
for name in 'bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd'.split():
    calls[name] = (f'{name}(i, j)', getattr(np, name)(v['i'], v['j']))
for name in 'logical_and logical_or logical_xor'.split():
    calls[name] = (f'{name}(k, l)', getattr(np, name)(v['k'], v['l']))
for name in 'sum prod mean max min'.split():
    calls[name] = (f'ops.{name}(x, axis=[0, 2])', getattr(np, name)(v['x'], axis=(0, 2)))
for name in 'any all'.split():
    calls[name] = (f'{name}(k, axis=1)', getattr(np, name)(v['k'], axis=1))
for name in 'argmax argmin'.split():
    calls[name] = (f'{name}(x, axis=-1)', getattr(np, name)(v['x'], axis=-1))
for name in 'cumsum cumprod sort argsort'.split():
    calls[name] = (f'{name}(x, axis=1)', getattr(np, name)(v['x'], axis=1))
calls['fmod'] = ('fmod(x, y)', np.fmod(v['x'], v['y']))
s, spd = v['s'], v['s'] @ v['s'].T + np.eye(4)
calls.update({
    'nextafter': ('nextafter(x, y)', np.nextafter(inputs['x'][1], inputs['y'][1])),
    'ldexp': ('ldexp(x, i[:, :, none])', np.ldexp(v['x'], v['i'][:, :, None])),
    'scatter_update': ('scatter_update(m, [[3], [-4], [3]], m[:3], reduction="add")', v['m'] + np.stack([v['m'][1], 0 * v['m'][0], 0 * v['m'][0], v['m'][0] + v['m'][2]])),
    'view': ('view(m, "int32")', inputs['m'][1].view('i4')),
    'searchsorted': ('searchsorted(arange(-2.0, 2.0, 0.5), x, side="right")', np.searchsorted(np.arange(-2, 2, 0.5), v['x'], 'right')),
    'dft': ('dft(x[:, :2, :2], [[1.0, 0.0], [-1.0, 0.0]])', np.stack([v['x'][:, 0, :2] + v['x'][:, 1, :2], v['x'][:, 0, :2] - v['x'][:, 1, :2]], 1)),
    'cholesky_lower': ('cholesky_lower(s @ transpose(s) + eye(4))', np.linalg.cholesky(spd)),
    'lu_packed': ('lu_packed(transpose(s) * [[9.0], [1.0], [1.0], [1.0]])[0]', np.append(s[:, 0] * 9, 0)),
    'triangular_solve': ('triangular_solve(s + 9 * eye(4), m, lower=true)', np.linalg.solve(np.tril(s + 9 * np.eye(4)), v['m'])),
    'qr_packed': ('abs(qr_packed(s, 4))', np.abs(np.concatenate(np.linalg.qr(s), 1))),
    'svd_rows': ('sqrt(sum(svd_rows(s)[:, :4] ** 2, axis=1))', np.linalg.svd(s)[1]),
    'eigh_rows': ('sum(eigh_rows(s @ transpose(s))[:, :4], axis=1)', np.linalg.eigvalsh(s @ s.T)),
    'arccosh': ('arccosh(1.0 + p)', np.arccosh(1 + v['p'])),
    'erfinv': ('erf(erfinv(p))', v['p']),
    'power': ('power(p, y)', np.power(v['p'], v['y'])),
    'logical_not': ('logical_not(k)', ~v['k']),
    'bitwise_not': ('bitwise_not(i)', ~v['i']),
    'cast': ('cast(100.0 * x, "int8")', (np.float32(100) * inputs['x'][1]).clip(-128, 127).astype('i1')),
    'where': ('where(k, x, y)', np.where(v['k'], v['x'], v['y'])),
    'reshape': ('reshape(x, (b, -1, 2))', v['x'].reshape(2, -1, 2)),
    'transpose': ('transpose(x, (2, 0, 1))', v['x'].transpose(2, 0, 1)),
    'concatenate': ('concatenate([x, y], axis=1)', np.concatenate([v['x'], v['y']], 1)),
    'pad': ('pad(m, [(1, 2), (0, 3)], mode="reflect")', np.pad(v['m'], [(1, 2), (0, 3)], mode='reflect')),
    'take': ('take(m, i, axis=0)', v['m'][v['i']]),
    'take_along_axis': ('take_along_axis(x, i[:, :, none], axis=2)', np.take_along_axis(v['x'], v['i'][:, :, None], 2)),
    'slice': ('slice(m, [1, i[0, 0]], (2, 1))', v['m'][1:3, v['i'][0, 0]:v['i'][0, 0] + 1]),
    'slice_update': ('slice_update(m, [1, 2], zeros((2, 3)))', np.concatenate([v['m'][:1], np.concatenate([v['m'][1:3, :2], np.zeros((2, 3))], 1), v['m'][3:]])),
    'arange': ('arange(0.5, 3.0, 0.5)', np.arange(0.5, 3, 0.5)),
    'matmul': ('matmul(x, m)', v['x'] @ v['m']),
    'matmul_8bit': ('matmul(cast(i, "int8"), transpose(cast(j, "uint8")))', v['i'] @ v['j'].T),
    'conv': ('conv(img, ker, strides=2)', conv(v['img'], v['ker'], 2)),
    'conv_transpose': ('conv_transpose(img, up, strides=2)', conv_transpose(v['img'], v['up'], 2)),
    'max_pool': ('max_pool(img, 2)', pool(v['img'], 2, np.max)),
    'average_pool': ('average_pool(img, 2)', pool(v['img'], 2, np.mean)),
    'expand_dims': ('expand_dims(x, 1)', v['x'][:, None]),
    'squeeze': ('squeeze(x[:, :1], axis=1)', v['x'][:, 0]),
    'broadcast_to': ('broadcast_to(m[:1], (3, 5))', np.broadcast_to(v['m'][:1], (3, 5))),
    'stack': ('stack([x, y], axis=2)', np.stack([v['x'], v['y']], 2)),
    'unstack': ('unstack(m, axis=0)[2]', v['m'][2]),
    'split': ('split(m, [1, 4], axis=1)[1]', v['m'][:, 1:4]),
    'moveaxis': ('moveaxis(x, 0, -1)', np.moveaxis(v['x'], 0, -1)),
    'swapaxes': ('swapaxes(x, 0, 2)', np.swapaxes(v['x'], 0, 2)),
    'einsum': ('einsum("btc,btd->cd", x, y)', np.einsum('btc,btd->cd', v['x'], v['y'])),
    'dot': ('dot(x, m)', np.dot(v['x'], v['m'])),
    'tensordot': ('tensordot(x, y, axes=[[0, 1], [0, 1]])', np.tensordot(v['x'], v['y'], axes=[[0, 1], [0, 1]])),
    'zeros': ('zeros((b, 2)) + x[:, 0, :2]', v['x'][:, 0, :2]),
    'ones': ('ones((2, 3)) * 2', np.full((2, 3), 2.)),
    'full': ('full((2, 3), 2.5)', np.full((2, 3), 2.5)),
    'depthwise_conv': ('depthwise_conv(img, dep)', depthwise(v['img'], v['dep'])),
    'shape': ('x * shape(x)[2]', v['x'] * 4),
})
# rows without a name in MDL: what reaches them
inner = {'attention': 'softmax', 'winograd_filters': 'conv', 'conv_winograd': 'conv', 'pack_columns': 'matmul', 'matmul_packed': 'matmul', 'conv_packed': 'conv', # of weights, and attention: tests/lang/test_passes.py
         'sigmoid_tanh': ('sigmoid(x) * tanh(y)', np.tanh(v['y']) / (1 + np.exp(-v['x']))),
         'rint': 'round', 'copy': 'broadcast_to', 'strided_slice': ('x[:, ::2, ::-1]', v['x'][:, ::2, ::-1]), 'range_dim': ('arange(t) * 2', np.arange(3) * 2),
         'random_uniform': ('random.uniform((100, 100)) * 0.0 + 1.0', np.ones((100, 100))), 'random_normal': ('random.normal((100, 100)) * 0.0', np.zeros((100, 100)))}
calls.update({name: c for name, c in inner.items() if isinstance(c, tuple)})

passed = failed = 0
for name, cls, signature in rows:
    known = name in calls or name in inner
    passed, failed = passed + known, failed + (not known)
    if not known:
        print(f'FAILED {name}: no program calls it')
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    params = ', '.join(f'{name}: {kind}' for name, (kind, _) in inputs.items())
    outputs = ',\n'.join(f'            o_{name}: {call}' for name, (call, _) in calls.items())
    open('ops.mdl', 'w').write(f'model Ops {{\n    call({params}) {{\n        return {{\n{outputs}\n        }}\n    }}\n}}\n')
    subprocess.run([mdlc, 'build', 'ops.mdl', '--cflags', '-O1 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror'], check=True)
    command = ['./ops', 'run']
    for name, (_, value) in inputs.items():
        np.save(name + '.npy', value)
        command += ['--input', f'{name}={name}.npy']
    for name in calls:
        command += ['--output', f'o_{name}=o_{name}.npy']
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    for name, (call, want) in calls.items():
        got = np.load(f'o_{name}.npy')
        want = np.asarray(want)
        ok = got.shape == want.shape and (np.array_equal(got, want) if want.dtype.kind in 'bi' else np.allclose(got, want, rtol=3e-5, atol=3e-6))
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            worst = np.abs(got.astype('f8') - want).max() if got.shape == want.shape else (got.shape, want.shape)
            print(f'FAILED {name}: {call} differs from NumPy by {worst}')

print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
