"""Usage: python tools/goldens/h5_places.py tests/naming/h5_places.txt

Where Keras puts each variable in a .weights.h5 file: tests/naming/h5_places.txt, in the order of model.weights."""
import os, sys, tempfile
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import h5py, keras, numpy as np

L = keras.layers


class Block(L.Layer):
    def __init__(self, units):
        super().__init__()
        self.zoom = L.Dense(units)
        self.area = [L.Dense(units), L.BatchNormalization()]

    def call(self, x):
        return self.area[1](self.area[0](self.zoom(x)))


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.attn = L.MultiHeadAttention(2, 3, use_gate=True)
        self.gqa = L.GroupQueryAttention(4, 4, 2, use_gate=True)
        self.bi = L.Bidirectional(L.LSTM(3))
        self.dense = L.Dense(2)
        self.zed = L.Dense(2)
        self.blocks = [Block(2), Block(3)]
        self.parts = dict(q=L.Dense(2), a=L.Dense(3))
        self.nest = [[L.Dense(4)], L.Dense(5)]
        self._priv = L.Dense(2)
        self.own = self.add_weight(shape=(2,), initializer='ones', name='own')

    def call(self, x):
        y = self.zed(self.dense(self.bi(self.gqa(self.attn(x, x), x)))) * self.own
        for block in self.blocks:
            y = block(y)
        return self._priv(self.nest[1](self.nest[0][0](self.parts['a'](self.parts['q'](y)))))


net = Net()
net(np.ones((1, 5, 4), 'f4'))
for number, v in enumerate(net.weights):  # each variable is told by its value
    v.assign(np.full(v.shape, number + 1, 'f4'))
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, 'net.weights.h5')
    net.save_weights(file)
    places = {}
    h5py.File(file).visititems(lambda name, o: places.__setitem__(int(np.ravel(o)[0]), name) if isinstance(o, h5py.Dataset) else None)
with open(sys.argv[1], 'w') as out:
    for number, v in enumerate(net.weights):
        out.write(f'{v.path} {places[number + 1]}\n')
