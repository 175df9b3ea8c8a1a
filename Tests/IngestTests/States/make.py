"""Writes a folder of States: `python3 make.py BINARY FOLDER`, with the program as it is released."""
import os,sys,subprocess,tempfile,time,urllib.request,signal,shutil,socket
# A state names the folder of its logs: it is made in one that is nobody's.
binary,target,out=os.path.abspath(sys.argv[1]),sys.argv[2],tempfile.mkdtemp(prefix="training-exporter-")
catalog='''version: 1
labels:
  run: { max_values: 20, evict: oldest }
  head: { values: [box, mask], named: { B: box } }
  phase: { values: [train, eval, other], otherwise: other }
  seed: { max_values: 50 }
metrics:
  loss: { type: gauge, help: h, labels: [run] }
  epochs_total: { type: counter, help: h, labels: [run] }
  train_seconds_total: { type: counter, unit: seconds, help: h, labels: [run] }
  phase_seconds_total: { type: counter, unit: seconds, help: h, labels: [run, phase] }
  gain_total: { type: counter, help: h, labels: [run] }
  step: { type: histogram, help: h, labels: [run], buckets: [2, 4] }
  latency_seconds: { type: histogram, unit: seconds, help: h, labels: [run], buckets: [0.1, 1], native: { factor: 1.1, max_buckets: 40 } }
  lr: { type: summary, help: h, labels: [run], quantiles: [0.5], window: 3 }
  state: { type: stateset, help: h, labels: [run], states: [running, done] }
  run_info: { type: info, help: h, labels: [run, seed] }
  score: { type: gauge, help: h, labels: [head] }
  calls_total: { type: counter, help: h, labels: [phase] }
  call_seconds: { type: histogram, help: h, labels: [seed], buckets: [0.1, 1] }
  call_bytes: { type: summary, help: h }
  call_gap: { type: histogram, help: h, buckets: [1], native: { factor: 1.1, max_buckets: 40 } }
  level: { type: gauge, help: h }
  busy: { type: gauge, help: h }
  stage: { type: stateset, help: h, states: [load, train] }
  app_info: { type: info, help: h, labels: [seed] }
watchers:
  csv:
    files: "csv/{run}.csv"
    format: csv
    run: { step: step, steps: 12, loss: loss, score: gain, failed: { status: crashed } }
    each_record: [epochs_total, 'run_info{seed="{.seed}"}']
    fields: &fields
      loss: loss
      time:
        - { metric: train_seconds_total, from: running_total }
        - { metric: phase_seconds_total, labels: { phase: "{.phase}" }, from: running_total }
      gain: { metric: gain_total, from: difference }
      step: { metric: step, exemplar: { step: "{.step}" } }
      latency: latency_seconds
      lr: lr
      status: state
  jsonl: { files: "jsonl/{run}.jsonl", format: jsonl, each_record: epochs_total, fields: *fields }
  json: { files: "json/{run}/checkpoint-*/state.json", format: json, records: log, each_record: epochs_total, fields: *fields }
  yaml: { files: "yaml/{run}.yaml", format: yaml, each_record: epochs_total, fields: { loss: loss, step: step, "{head}_score": score } }
  text: { files: "text/{run}.log", format: text, lines: ["epoch {step} loss {loss} time {time}"], each_record: epochs_total, fields: { loss: loss, step: step, time: { metric: train_seconds_total, from: running_total } } }
  pairs: { files: "pairs/{run}.log", format: text, pairs: "{key}: {value}", between: " - ", each_record: epochs_total, fields: { loss: loss, step: step } }
  pydict: { files: "pydict/{run}.log", format: pydict, run: {}, each_record: epochs_total, fields: { loss: loss, step: step } }
  events: { files: "events/*", format: events, across: { busy: sum }, alive: 3650d }
'''
def rec(i): return dict(step=i,time=i/2,phase=["train","eval","test"][i%3],loss=1/i,gain=i*3,latency=0.05*i,lr=i+0.5,status="done" if i%3==0 else "running",seed=i//4)
cols=["step","time","phase","loss","gain","latency","lr","status","seed"]
import json
def csv(r): return ",".join(str(r[c]) for c in cols)+"\n"
def put(root,name,text,mode="w"):
    p=os.path.join(root,name); os.makedirs(os.path.dirname(p),exist_ok=True)
    with open(p,mode) as f: f.write(text)
def events(name,n,calls=0,ends=False):
    """What a process says when it has called so often, in lines from n on."""
    says=[f'"metric":"calls_total","labels":{{"phase":"{phase}"}},"value":{calls+k}' for k,phase in enumerate(("train","test","eval","other"))]
    says+=[f'"metric":"call_seconds","labels":{{"seed":"{name}"}},"count":{2*calls},"sum":{calls/2},"buckets":{{"0.1":{calls},"1":{calls},"+Inf":{2*calls}}}',
           f'"metric":"call_bytes","count":{calls},"sum":{calls*7.5}',
           f'"metric":"call_gap","count":{3*calls},"sum":{calls*9.5},"buckets":{{"1":{calls},"+Inf":{3*calls}}},"schema":{3-calls//100},"zero":{calls},"positive":{{"{8>>calls//100}":{calls},"{20>>calls//100}":{calls}}}',
           f'"rejected":"label_value","metric":"calls_total","label":"phase","value":{calls}',
           f'"metric":"level","value":{calls/8},"at":{1764400000+n}',f'"metric":"busy","value":{calls}',
           f'"metric":"stage","state":"{"train" if calls%2 else "load"}","at":{1764400000+n}',
           f'"metric":"app_info","info":{{"seed":"{n}"}},"at":{1764400000+n}']
    if ends: says.append('"end":1764400099')
    return "".join(f'{{"n":{n+k},{text}}}\n' for k,text in enumerate(says))
def header(name): return json.dumps({"events":1,"process":name},separators=(",",":"))+"\n"
def first(root):
    for run,n in (("a",7),("b",3)):
        put(root,f"csv/{run}.csv",",".join(cols)+"\n"+"".join(csv(rec(i)) for i in range(1,n+1)))
    put(root,"csv/a.csv","8,4.0,tr","a")  # a torn last line
    put(root,"jsonl/c.jsonl","".join(json.dumps(rec(i))+"\n" for i in range(1,6)))
    for k in (2,4): put(root,f"json/d/checkpoint-{k}/state.json",json.dumps({"log":[rec(i) for i in range(1,k+1)]}))
    put(root,"yaml/e.yaml","step: 3\nloss: 0.25\nB_score: 7\nmask_score: 8\nnose_score: 9\n")
    put(root,"text/f.log","start\n"+"".join(f"epoch {i} loss {1/i} time {i/2}\n" for i in range(1,5)))
    put(root,"pairs/g.log","".join(f"step: {i} - loss: {1/i}\n" for i in range(1,4)))
    put(root,"pydict/h.log","".join(f"{{'step': {i}, 'loss': {1/i}}}\n" for i in range(1,4)))
    # one that has ended, one that lives, one that was killed in a line, one whose file goes
    for name,calls in (("ended",3),("lives",5),("killed",7),("gone",9)):
        put(root,f"events/{name}",header(name)+events(name,1,calls,ends=name=="ended"))
    put(root,"events/killed",events("killed",21,100)[:50],"a")
def second(root):
    # a log that is written again before the state was kept, one that is gone, and one that was renamed
    put(root,"jsonl/c.jsonl","".join(json.dumps(rec(i))+"\n" for i in (1,2,9)))
    os.remove(os.path.join(root,"csv/b.csv"))
    os.rename(os.path.join(root,"pairs/g.log"),os.path.join(root,"pairs/i.log"))
    put(root,"events/.lives",header("lives")+events("lives",31,6))
    os.rename(os.path.join(root,"events/.lives"),os.path.join(root,"events/lives"))
    os.remove(os.path.join(root,"events/gone"))
def more(root):
    put(root,"csv/a.csv","ain,0.125,24,0.4,8.5,running,2\n"+csv(rec(9)),"a")
    put(root,"csv/b.csv",",".join(cols)+"\n"+"".join(csv(rec(i)) for i in (1,2,3,4)))
    put(root,"jsonl/c.jsonl","".join(json.dumps(rec(i))+"\n" for i in (10,11)),"a")
    put(root,"json/d/checkpoint-6/state.json",json.dumps({"log":[rec(i) for i in range(1,7)]}))
    put(root,"yaml/e.yaml","step: 4\nloss: 0.5\nB_score: 1\n")
    put(root,"text/f.log","epoch 5 loss 0.2 time 2.5\n","a")
    put(root,"pairs/i.log","step: 4 - loss: 0.75\n","a")
    put(root,"pydict/h.log","{'step': 4, 'loss': 0.75}\n","a")
    # one goes on, one makes its file anew, one was not dead, a backup comes back, and another one begins
    put(root,"events/lives",events("lives",61,8),"a")
    put(root,"events/gone",header("gone")+events("gone",51,10))
    put(root,"events/killed",events("killed",21,100)[50:],"a")
    put(root,"events/backup",header("ended")+events("ended",1,3,ends=True))
    put(root,"events/new",header("new")+events("new",1,1))
def scrape(port):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
def serve(root,act,settle=3.5):
    s=socket.socket(); s.bind(("127.0.0.1",0)); port=s.getsockname()[1]; s.close()
    p=subprocess.Popen([binary,"serve","--config.file",root+"/metrics.yaml","--web.listen-address",f"127.0.0.1:{port}","--web.disable-exporter-metrics"],stderr=subprocess.PIPE)
    for _ in range(100):
        try: scrape(port); break
        except Exception: time.sleep(0.1)
    time.sleep(settle)
    if act: act(root); time.sleep(settle)
    text=scrape(port)
    # As a kill would leave it: a whole and what has changed since.
    shutil.copy(root+"/state/training-exporter.state",out)
    p.send_signal(signal.SIGTERM); err=p.communicate()[1].decode()
    if "warning" in err or "error" in err: print(err)
    return text
# What is said of runs depends on the time.
def samples(t): return "".join(l+"\n" for l in t.splitlines() if not l.startswith(("#","training_exporter_")))
root=out+"/before"; os.makedirs(root)
open(root+"/metrics.yaml","w").write(catalog)
first(root)
text=serve(root,second); open(out+"/before.txt","w").write(samples(text))
shutil.move(out+"/training-exporter.state",out+"/killed")
shutil.copytree(root,out+"/after")
more(out+"/after")
text=serve(out+"/after",None); open(out+"/after.txt","w").write(samples(text))
shutil.move(out+"/killed",out+"/training-exporter.state")
for d in ("before","after"): shutil.rmtree(f"{out}/{d}/state")
shutil.move(out+"/before/metrics.yaml",out+"/metrics.yaml")
os.remove(out+"/after/metrics.yaml")
shutil.rmtree(target,ignore_errors=True); shutil.move(out,target); os.chmod(target,0o755)
