"""Names that mean something to C, to its headers, or to the generated code: in MDL they are names like others."""
from harness import *

X = grid(3, 4)
NASTY = """
int register errno NULL I linux static_assert stdin complex restrict inline auto char16_t va_list offsetof noreturn
INT8_MAX UINT64_C PRId64 PRIu8 SCNx64 M_PI FLT_MAX SIZE_MAX CHAR_BIT ULLONG_MAX EXIT_FAILURE SEEK_SET NDEBUG isnan signbit HUGE_VAL BUFSIZ RAND_MAX
main index time gamma y0 y1 yn signgam unix memcpy malloc free printf tanhf exp2 remove template namespace virtual delete operator and_eq typename
w s r n i j k at key work error out run now next now0 next0 self_ root parent component weights states shape shapes symbols workspace which which_2
mdl mdl_tensor mdl_model MDL_TRY MDL_SLOT MDL_MAX_RANK _Bool _x __x __func__ x_2 y_2 t1 batch model call_any output_shape check_sizes bind_sizes status before context begin end samples a size_of_samples run_samples strides low high groups axis
""".split()
ROLES = """
function layer other model gain sub meth lead kernel seen features units times total row col arg blocks parts chain extra bias memory
a b first second third carry ys key_a key_b scale item
""".split()
PROGRAM = """
const gain = 2
fn function(carry, item) {
    carry = carry + item
    return carry, carry * gain
}
layer layer(units: int, times: float = 0.5) {
    weight kernel: [features, units] = ones
    state seen: int32[] = zeros
    sub = Dense(units, kernel_initializer="ones")
    fn meth(lead) { return lead * times }
    call(lead: [..., features]) {
        seen.assign(seen + 1)
        a = lead @ kernel
        b = sub(a - 1)
        return meth(a), b + seen
    }
}
layer other(units: int) {
    sub = Dense(units, kernel_initializer="ones")
    call(lead) { return sub(lead) }
}
model model(scale: float = 0.25) {
    blocks = [layer(4) for item in range(2)]
    parts = dict(key_a=other(4), key_b=[other(3)])
    chain = [other(4) for item in range(3)]
    weight bias: [4] = ones
    state memory: [4] = zeros
    call(row: [total, 4], arg: int32[col]) {
        a, b = blocks[0](row)
        b = b + blocks[1](a)[0]
        memory.assign(memory + bias)
        for item in chain { a = item(a) }
        carry, ys = scan(function, zeros((4,)), a)
        return {first: parts.key_a(a) * scale, second: parts["key_b"][0](b) + carry[0], third: ys + total, extra: arg + col + memory[0]}
    }
}
"""


def expected(roles):
    def numbers(i, w):
        x, k = i[roles["row"]], i[roles["arg"]]
        ones = lambda m: np.ones((4, m), F32)
        a = x @ ones(4)
        b = (a - 1) @ ones(4) + 1
        a = a * F32(.5)
        b = b + a @ ones(4) * F32(.5)
        for _ in range(3):
            a = a @ ones(4)
        sums = np.cumsum(a, 0)
        return {roles["first"]: a @ ones(4) * F32(.25), roles["second"]: b @ ones(3) + sums[-1][0], roles["third"]: sums * 2 + 3,
                roles["extra"]: (k + 2 + 1).astype(F32)}
    return numbers


def renamed(roles):
    """The program with its own names replaced; words of the language that are spelled alike (`layer`, `model`) stay."""
    import re
    out, keep = [], {"layer": {"layer layer(": "layer {}(", "layer(4)": "{}(4)"}, "model": {"model model(": "model {}("}}
    text = PROGRAM
    for word, places in keep.items():
        for old, new in places.items():
            text = text.replace(old, new.format("@" + word))
    for part in re.split(r"(@?\b[A-Za-z_]\w*\b)", text):
        name = part.lstrip("@")
        own = name in roles and (part[0] == "@" or name not in keep)
        out.append(roles[name] if own else part)
    return "".join(out)


for n in range(0, len(NASTY), 7):
    ring = NASTY[n:] + NASTY[:n]
    roles = dict(zip(ROLES, ring))
    case(f"nasty names {n}", renamed(roles), {roles["row"]: X, roles["arg"]: ints(2)}, expected(roles), tolerance=1e-4, options=["--model", roles["model"]])

# Locals that are called as the functions that loops and products with their epilogues become.
OUTLINED = """
model M {
    dense = Dense(70)
    call(x: float32[n, 70]) {
        range = sort(tanh(x))
        epilogue = sort(range * 3 + x)
        range_2 = sort(epilogue * range)
        epilogue_block = relu(dense(range_2) + epilogue)
        return tanh(sort(epilogue_block)) + range_2
    }
}
"""


def outlined(i, w):
    x = i["x"].astype(F64)
    a = np.sort(np.tanh(x))
    b = np.sort(a * 3 + x)
    c = np.sort(b * a)
    y = np.maximum(c @ w["dense.kernel"].astype(F64) + w["dense.bias"] + b, 0)
    return (np.tanh(np.sort(y)) + c).astype(F32)


case("locals called as functions that are made for loops", OUTLINED, {"x": grid(9, 70)}, outlined, tolerance=1e-4)
