namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Idle warm containers. Each stands in two lists, newest first: that of its function (where is it warm?) and that of its VM (what gives way
/// when memory is short?). The dispatcher's belief and the simulated workers' truth are kept by the same code.
/// <code>
///   function 7:  head ─► [vm 3, until 620] ─► [vm 1, until 580] ─► tail      VM 3:  head ─► [f 7] ─► [f 2] ─► tail
/// </code>
/// </summary>
public sealed class ContainerPool
{
    /// <summary>40 containers on each of 25,000 VMs; 48 MB.</summary>
    public const int Limit = 1_000_000;

    private const int None = -1;

    private Node[] nodes = new Node[64];
    private int used;
    private int free = None;
    private ListEnds[] functions = [];
    private ListEnds[] vms = [];
    private long[] idleBytes = [];

    /// <summary>Idle containers, those expired and not yet swept included.</summary>
    public int Count { get; private set; }

    /// <summary>Memory of the idle containers of a VM, bytes.</summary>
    public long IdleBytes(int vm) => vm < idleBytes.Length ? idleBytes[vm] : 0;

    /// <summary>Puts an idle container there; false when there are too many.</summary>
    public bool Add(int vm, int function, long bytes, long expiryMs)
    {
        if (Count == Limit) return false;
        int node = Allocate();
        Ensure(ref functions, function);
        Ensure(ref vms, vm);
        if (vm >= idleBytes.Length) Array.Resize(ref idleBytes, vms.Length);
        nodes[node] = new Node { Vm = vm, Function = function, Bytes = bytes, ExpiryMs = expiryMs };
        LinkFunction(node, ref functions[function]);
        LinkVm(node, ref vms[vm]);
        idleBytes[vm] += bytes;
        Count++;
        return true;
    }

    /// <summary>Takes the newest idle container of a function on a VM away; false when there is none.</summary>
    public bool Take(int vm, int function, long nowMs)
    {
        int node = Find(vm, function, nowMs);
        if (node == None) return false;
        Remove(node);
        return true;
    }

    /// <summary>Is the function warm and idle on this VM?</summary>
    public bool IsWarm(int vm, int function, long nowMs) => Find(vm, function, nowMs) != None;

    /// <summary>First idle container of a function, newest first; -1: none. Walk on with <see cref="Next"/>.</summary>
    public int First(int function, long nowMs)
    {
        if (function >= functions.Length) return None;
        Expire(function, nowMs);
        return functions[function].Head - 1;
    }

    public int Next(int container) => nodes[container].NextOfFunction;

    public int VmOf(int container) => nodes[container].Vm;

    /// <summary>Idle containers of a function, expired ones that were not yet looked at included.</summary>
    public int IdleOf(int function) => function < functions.Length ? functions[function].Count : 0;

    /// <summary>The idle container of a VM that gives way first; -1: none. Walk on with <see cref="Newer"/>.</summary>
    public int Oldest(int vm) => vm < vms.Length ? vms[vm].Tail - 1 : None;

    public int Newer(int container) => nodes[container].PreviousOfVm;

    public int FunctionOf(int container) => nodes[container].Function;

    public long BytesOf(int container) => nodes[container].Bytes;

    public long ExpiryMs(int container) => nodes[container].ExpiryMs;

    /// <summary>Removes idle containers of a VM, oldest first, until all of it that is left takes up at most so many bytes.</summary>
    public void Shrink(int vm, long bytes)
    {
        if (vm >= vms.Length) return;
        while (idleBytes[vm] > bytes && vms[vm].Tail != 0) Remove(vms[vm].Tail - 1);
    }

    /// <summary>Removes what has expired, of every function.</summary>
    public void Sweep(long nowMs)
    {
        for (int f = 0; f < functions.Length; f++) Expire(f, nowMs);
    }

    // The newest of a function on a VM. Both lists are walked side by side, since either may be long: that of the function gives the newest first,
    // that of the VM has to be walked to its end.
    private int Find(int vm, int function, long nowMs)
    {
        int ofFunction = First(function, nowMs), ofVm = vm < vms.Length ? vms[vm].Head - 1 : None, newest = None;
        while (ofFunction != None && ofVm != None)
        {
            if (nodes[ofFunction].Vm == vm) return ofFunction;
            if (nodes[ofVm].Function == function && (newest == None || nodes[ofVm].ExpiryMs > nodes[newest].ExpiryMs)) newest = ofVm;
            (ofFunction, ofVm) = (nodes[ofFunction].NextOfFunction, nodes[ofVm].NextOfVm);
        }
        return newest;
    }

    private void Expire(int function, long nowMs)
    {
        while (functions[function].Tail is int tail and not 0 && nodes[tail - 1].ExpiryMs <= nowMs) Remove(tail - 1);
    }

    private int Allocate()
    {
        if (free == None)
        {
            if (used == nodes.Length) Array.Resize(ref nodes, Math.Min(used * 2, Limit));
            return used++;
        }
        int node = free;
        free = nodes[node].NextOfFunction;
        return node;
    }

    // A completion may be applied late: the list of a function is kept in order of expiry, from the head on.
    private void LinkFunction(int node, ref ListEnds ends)
    {
        int before = None, after = ends.Head - 1;
        while (after != None && nodes[after].ExpiryMs > nodes[node].ExpiryMs) (before, after) = (after, nodes[after].NextOfFunction);
        nodes[node].PreviousOfFunction = before;
        nodes[node].NextOfFunction = after;
        if (before == None) ends.Head = node + 1;
        else nodes[before].NextOfFunction = node;
        if (after == None) ends.Tail = node + 1;
        else nodes[after].PreviousOfFunction = node;
        ends.Count++;
    }

    private void LinkVm(int node, ref ListEnds ends)
    {
        nodes[node].PreviousOfVm = None;
        nodes[node].NextOfVm = ends.Head - 1;
        if (ends.Head == 0) ends.Tail = node + 1;
        else nodes[ends.Head - 1].PreviousOfVm = node;
        ends.Head = node + 1;
    }

    private void Remove(int node)
    {
        ref Node n = ref nodes[node];
        ref ListEnds f = ref functions[n.Function];
        f.Count--;
        if (n.PreviousOfFunction == None) f.Head = n.NextOfFunction + 1;
        else nodes[n.PreviousOfFunction].NextOfFunction = n.NextOfFunction;
        if (n.NextOfFunction == None) f.Tail = n.PreviousOfFunction + 1;
        else nodes[n.NextOfFunction].PreviousOfFunction = n.PreviousOfFunction;
        ref ListEnds v = ref vms[n.Vm];
        if (n.PreviousOfVm == None) v.Head = n.NextOfVm + 1;
        else nodes[n.PreviousOfVm].NextOfVm = n.NextOfVm;
        if (n.NextOfVm == None) v.Tail = n.PreviousOfVm + 1;
        else nodes[n.NextOfVm].PreviousOfVm = n.PreviousOfVm;
        idleBytes[n.Vm] -= n.Bytes;
        n.NextOfFunction = free;
        free = node;
        Count--;
    }

    private static void Ensure(ref ListEnds[] ends, int index)
    {
        if (index >= ends.Length) Array.Resize(ref ends, Math.Max(index + 1, Math.Max(16, ends.Length * 2)));
    }

    /// <summary>Node numbers plus one, so that an array of zeros is an array of empty lists.</summary>
    private struct ListEnds
    {
        public int Head;
        public int Tail;

        /// <summary>Kept of functions only.</summary>
        public int Count;
    }

    private struct Node
    {
        public int Vm;
        public int Function;
        public long Bytes;
        public long ExpiryMs;
        public int PreviousOfFunction;
        public int NextOfFunction;
        public int PreviousOfVm;
        public int NextOfVm;
    }
}
