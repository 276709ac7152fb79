# SPDX-License-Identifier: Apache-2.0
"""What `./dev cluster` shows when all is up. The test of `./dev cluster` runs most of it."""
import os

import samples

ORDERS = """orders for the cluster that runs:
  status              hosts, processes, who takes writes, who owns how many mailboxes
  kill|stop|start X   SIGKILL; in order; again. X: node1 node2 node3 db1 db2 redis front
  freeze|thaw X       SIGSTOP, SIGCONT
  cut|heal X          its network cable
  promote             the standby takes writes
  rejoin              the other one becomes its standby
  commit-alone        COMMIT waits for no standby
  hamlet NODE WORDS   the program with that node's settings: hamlet node1 account list
  exec X COMMAND      on that host
  psql                on the database that takes writes
  stop                all of it"""


def page(cluster, ports):
    folder = os.path.relpath(cluster.folder, samples.ROOT)
    ca = f"{folder}/tls/ca.pem"
    where = (f"each in a network namespace, {cluster.net.name('node1')} and so on" if cluster.net.kind == "namespaces"
             else "all on this machine")
    look = ports["look"]
    doors = {name: port for name, port in ports.items() if name != "look"}
    bob, password = f"bob@{samples.DOMAIN}", samples.ACCOUNTS[2][2]
    me = "./dev cluster"
    out = [f"\n{samples.DOMAIN} is up on three nodes, {where}. HAProxy takes clients at 127.0.0.1:\n"]
    out += [f"  {port:>5}  {name:<14} {samples.WHAT[name]}" for name, port in doors.items()]
    out += [f"  {look:>5}  {'':<14} what HAProxy thinks of the nodes: http://127.0.0.1:{look}/",
            f"\n{'Log in as':<31}with the password"]
    out += [f"  {name + '@' + samples.DOMAIN:<29}{x}" for name, _, x in samples.ACCOUNTS]
    out += ["", cluster.status(), f"""
Try, in another terminal (curl, swaks, irssi):

  Bob's mail, through any node (the password is "{password}"):
    curl --cacert {ca} -u {bob} pop3s://127.0.0.1:{ports['pop3s']}/
    swaks --server 127.0.0.1:{ports['smtp']} --from you@example.org --to {bob}
  Which node took it, and from whom:
    grep " accepted " {folder}/node?.log
  Chat, one network whichever node takes you; TLS with {ca} at port {ports['ircs']}:
    irssi -c 127.0.0.1 -p {ports['irc']} -n guest     then: /join {samples.CHANNEL}
    the same twice more, with other nicks: kill a node that one of them is on, and the others see it QUIT
    {me} kill redis; {me} start redis     nobody notices
  A node dies: mail is taken and read as before, after 4 seconds by the others.
    {me} kill node2; {me} status; {me} start node2
  One is stopped: it gives its mailboxes to the others first.
    {me} stop node1; {me} status; {me} start node1
  One stands still for 20 seconds: it is taken for dead after 10, and comes back with a new number.
    {me} freeze node3; sleep 20; {me} status; {me} thaw node3
  One loses its cable:
    {me} cut node2; sleep 12; {me} status; {me} heal node2
  The database that takes writes dies: clients wait up to 15 seconds, then are told to come again;
  nobody is declared dead meanwhile. Then the other one takes over, and the old one follows it:
    {me} kill db1; {me} promote; {me} status; {me} rejoin
  The standby dies: nothing is acknowledged until it is back, or somebody takes the risk.
    {me} kill db2; {me} commit-alone; {me} rejoin
  As an administrator:
    {me} hamlet node1 account list
    {me} hamlet node1 cluster ca show
    {me} exec node1 curl -s http://{cluster.net.address('node1')}:{samples.PORTS['admin']}/metrics
    {me} psql -- and there: TABLE node; SELECT * FROM cluster_view;
  {me} --help lists the orders; logs: {folder}/*.log

Ctrl-C ends all of it. The next start begins anew."""]
    return "\n".join(out)
