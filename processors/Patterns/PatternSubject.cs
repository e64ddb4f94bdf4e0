namespace Pipeline.Processors.Patterns;

/// <summary>Who a pattern is about: a VM or a community of VMs.</summary>
/// <param name="IsCommunity">What <paramref name="Number"/> is.</param>
/// <param name="Number">Row of the VM, or label of the community.</param>
public readonly record struct PatternSubject(bool IsCommunity, int Number)
{
    public static PatternSubject Vm(int row) => new(false, row);

    public static PatternSubject Community(int label) => new(true, label);
}
