namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Bytes and packets received and transmitted by network interface: /proc/net/dev (proc_pid_net(5)).</summary>
public static class NetDev
{
    /// <summary>Loopback, and interfaces whose traffic passes through another one and would be counted twice.</summary>
    private static readonly string[] NotCounted = ["veth", "docker", "br-", "virbr", "cni", "flannel", "cali", "cilium", "lxc", "tap", "tun", "wg", "bond", "team", "dummy", "ifb"];

    /// <summary>Interfaces through which traffic enters and leaves the machine.</summary>
    public static Dictionary<string, DeviceCounters> Parse(ReadOnlySpan<char> netdev)
    {
        Dictionary<string, DeviceCounters> interfaces = new(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in netdev.EnumerateLines())
        {
            // Old kernels leave no blank between the colon and the first number; an alias has a colon in its name.
            int colon = line.LastIndexOf(':');
            if (colon < 0) continue;
            string name = line[..colon].Trim().ToString();
            if (!IsCounted(name)) continue;
            TextFields fields = new(line[(colon + 1)..]);
            ulong? received = fields.NextNumber(), packetsIn = fields.NextNumber(), errors = fields.NextNumber(), dropped = fields.NextNumber();
            fields.Skip(4);
            if (received is not { } bytesIn || fields.NextNumber() is not { } bytesOut) continue;
            ulong? packetsOut = fields.NextNumber();
            errors += fields.NextNumber() ?? 0;
            dropped += fields.NextNumber() ?? 0;
            interfaces[name] = new DeviceCounters(new Transferred(bytesIn, bytesOut), new Transferred(packetsIn ?? 0, packetsOut ?? 0), dropped ?? 0, errors ?? 0);
        }
        return interfaces;
    }

    /// <summary>Whether traffic enters and leaves the machine through it. A name with a point or a colon is a VLAN or an alias on top of another one.</summary>
    internal static bool IsCounted(string name) =>
        name != "lo" && !name.AsSpan().ContainsAny('.', ':') && !Array.Exists(NotCounted, p => name.StartsWith(p, StringComparison.Ordinal));
}
