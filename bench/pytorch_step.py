"""The PyTorch side of bench/training.ts: HuggingFace's ErnieForPreTraining on the same weights and batch.

  python pytorch_step.py MODEL_DIR BATCH.safetensors --precision bfloat16 --device cpu --threads 2 [--gather] [--compile]

Reads one command a line and answers each with one JSON line: `loss` (of the batch, without dropout) or `run N` (the
milliseconds of N training steps). --gather: only masked positions reach the vocabulary projection. Dropout as in the
model's config, AdamW fused over all parameters, gradients clipped to norm 1;
float16 with the dynamic loss scale of torch.amp.
"""
import argparse, json, sys, time
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import ErnieForPreTraining

parser = argparse.ArgumentParser()
parser.add_argument('model')
parser.add_argument('batch')
parser.add_argument('--precision', choices=['float32', 'bfloat16', 'float16'], default='float32')
parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
parser.add_argument('--threads', type=int, default=2)
parser.add_argument('--gather', action='store_true')
parser.add_argument('--compile', action='store_true')
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)

model = ErnieForPreTraining.from_pretrained(options.model, attn_implementation='sdpa', dtype=torch.float32)
model = model.to(options.device).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01, fused=True)
batch = {name: value.long().to(options.device) for name, value in load_file(options.batch).items()}
full = bool((batch['attention_mask'] == 1).all())
inputs = dict(input_ids=batch['input_ids'], token_type_ids=batch['token_type_ids'], task_type_ids=batch['task_type_ids'],
              attention_mask=None if full else batch['attention_mask'])
where = torch.nonzero(batch['labels'].view(-1) != -100).view(-1)
targets = batch['labels'].view(-1)[where]


def loss():
    if not options.gather:
        return model(**inputs, labels=batch['labels'], next_sentence_label=batch['next_sentence_label']).loss
    output = model.ernie(**inputs)
    hidden = output.last_hidden_state.flatten(0, 1).index_select(0, where)
    return (cross_entropy(model.cls.predictions(hidden).float(), targets)
            + cross_entropy(model.cls.seq_relationship(output.pooler_output).float(), batch['next_sentence_label']))


scaler = torch.amp.GradScaler(options.device, enabled=options.precision == 'float16')
compiled = torch.compile(loss) if options.compile else loss


def autocast():
    half = torch.float16 if options.precision == 'float16' else torch.bfloat16
    return torch.autocast(options.device, dtype=half, enabled=options.precision != 'float32')


def wait():
    if options.device == 'cuda':
        torch.cuda.synchronize()


def step():
    wait()
    start = time.perf_counter()
    with autocast():
        value = compiled()
    scaler.scale(value).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
    wait()
    return (time.perf_counter() - start) * 1e3


for line in sys.stdin:
    command, *arguments = line.split()
    if command == 'loss':
        model.eval()
        with torch.no_grad(), autocast():
            answer = float(loss())
        model.train()
    else:
        answer = [step() for _ in range(int(arguments[0]))]
    print(json.dumps(answer), flush=True)
