using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>The tenants by name. What the topic <c>tenants</c> says of one holds from the next decision on.</summary>
public sealed class TenantTable
{
    /// <summary>Tenants beyond share one account, which has no name of its own and the quota of everyone.</summary>
    public const int Limit = 10_000;

    private readonly Dictionary<string, TenantAccount> accounts = new(StringComparer.Ordinal);
    private readonly TenantAccount others = new("");
    private TenantQuota everyone = TenantQuota.Default;

    public int Count => accounts.Count;

    /// <summary>Calls in flight for each core expected free, beyond which calls wait; infinite: no limit.</summary>
    public double CallsPerCore { get; private set; } = double.PositiveInfinity;

    /// <summary>In no order.</summary>
    public IReadOnlyCollection<TenantAccount> Accounts => accounts.Values;

    public TenantAccount GetOrAdd(string name)
    {
        if (accounts.TryGetValue(name, out TenantAccount? account)) return account;
        if (accounts.Count == Limit) return others;
        accounts[name] = account = new TenantAccount(name) { Quota = everyone };
        return account;
    }

    /// <summary>A tenant's record was published.</summary>
    public void Apply(Tenant value)
    {
        if (value.Name == TenantValidator.Everyone)
        {
            CallsPerCore = value.CallsPerCore == 0 ? double.PositiveInfinity : value.CallsPerCore;
            SetEveryone(TenantQuota.Of(value));
            return;
        }
        TenantAccount account = GetOrAdd(value.Name);
        if (account == others) return;
        account.IsNamed = true;
        account.Quota = TenantQuota.Of(value);
    }

    /// <summary>A tenant's record was deleted: it gets what everyone gets.</summary>
    public void Remove(string name)
    {
        if (name == TenantValidator.Everyone)
        {
            CallsPerCore = double.PositiveInfinity;
            SetEveryone(TenantQuota.Default);
        }
        else if (accounts.TryGetValue(name, out TenantAccount? account))
        {
            account.IsNamed = false;
            account.Quota = everyone;
        }
    }

    private void SetEveryone(TenantQuota quota)
    {
        everyone = others.Quota = quota;
        foreach (TenantAccount account in accounts.Values)
            if (!account.IsNamed) account.Quota = quota;
    }
}
