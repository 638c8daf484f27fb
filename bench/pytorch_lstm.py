"""The PyTorch side of bench/lstm.ts: torch.nn.LSTM between ERNIE's embeddings and heads, on the same weights and batch.

  python pytorch_lstm.py MODEL.safetensors BATCH.safetensors --precision float32 --threads 2

Answers the commands of pytorch_step.py. Full rows only; masked positions alone reach the vocabulary projection.
"""
import argparse, json, sys, time
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import cross_entropy, gelu, linear

parser = argparse.ArgumentParser()
parser.add_argument('model')
parser.add_argument('batch')
parser.add_argument('--precision', choices=['float32', 'bfloat16'], default='float32')
parser.add_argument('--threads', type=int, default=2)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)
stored = load_file(options.model)
layers = sum(name.endswith('recurrent.weight') for name in stored)
hidden = stored['lstm.pooler.dense.bias'].numel()


def dense(path):
    layer = nn.Linear(*reversed(stored[f'{path}.weight'].shape))
    layer.load_state_dict({'weight': stored[f'{path}.weight'], 'bias': stored[f'{path}.bias']})
    return layer


def norm(path):
    layer = nn.LayerNorm(hidden, eps=1e-5)
    layer.load_state_dict({'weight': stored[f'{path}.weight'], 'bias': stored[f'{path}.bias']})
    return layer


def recurrent():
    lstm = nn.LSTM(hidden, hidden, layers, batch_first=True, dropout=0.1, bidirectional=True)
    state = {}
    for layer in range(layers):
        path = f'lstm.encoder.layer.{layer}'
        for direction, suffix in enumerate(['', '_reverse']):
            rows = slice(4 * hidden * direction, 4 * hidden * (direction + 1))
            state[f'weight_ih_l{layer}{suffix}'] = stored[f'{path}.input.weight'][rows]
            state[f'weight_hh_l{layer}{suffix}'] = stored[f'{path}.recurrent.weight'][rows]
            state[f'bias_ih_l{layer}{suffix}'] = stored[f'{path}.input.bias'][rows]
            state[f'bias_hh_l{layer}{suffix}'] = torch.zeros(4 * hidden)
    lstm.load_state_dict(state)
    return lstm


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(
            nn.Embedding.from_pretrained(stored[f'lstm.embeddings.{name}_embeddings.weight'], freeze=False)
            for name in ['word', 'position', 'token_type', 'task_type'])
        self.embedded, self.lstm = norm('lstm.embeddings.LayerNorm'), recurrent()
        self.output, self.normalised = dense('lstm.output.dense'), norm('lstm.output.LayerNorm')
        self.pooler, self.sentence = dense('lstm.pooler.dense'), dense('heads.next-sentence.classifier')
        self.transform, self.transformed = dense('cls.predictions.transform.dense'), norm('cls.predictions.transform.LayerNorm')
        self.bias = nn.Parameter(stored['cls.predictions.bias'])
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids, where):
        word, position, segment, task = self.tables
        zeros = torch.zeros_like(ids)
        x = word(ids) + position(torch.arange(ids.shape[1])) + segment(zeros) + task(zeros)
        x, _ = self.lstm(self.dropout(self.embedded(x)))
        x = self.normalised(self.dropout(self.output(x)))
        masked = self.transformed(gelu(self.transform(x.flatten(0, 1).index_select(0, where))))
        return linear(masked, word.weight, self.bias), self.sentence(torch.tanh(self.pooler(x[:, 0])))


model = Model().train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01, fused=True)
batch = {name: value.long() for name, value in load_file(options.batch).items()}
where = torch.nonzero(batch['labels'].view(-1) != -100).view(-1)
targets = batch['labels'].view(-1)[where]


def loss():
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=options.precision == 'bfloat16'):
        words, sentence = model(batch['input_ids'], where)
        return cross_entropy(words.float(), targets) + cross_entropy(sentence.float(), batch['next_sentence_label'])


def step():
    start = time.perf_counter()
    loss().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return (time.perf_counter() - start) * 1e3


for line in sys.stdin:
    command, *arguments = line.split()
    if command == 'loss':
        model.eval()
        with torch.no_grad():
            answer = float(loss())
        model.train()
    else:
        answer = [step() for _ in range(int(arguments[0]))]
    print(json.dumps(answer), flush=True)
