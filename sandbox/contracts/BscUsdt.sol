// SPDX-License-Identifier: Apache-2.0
// USDT as it behaves on BNB Smart Chain: 18 decimals and the return values that the standard asks for.
pragma solidity ^0.8.20;

contract BscUsdt {
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint8 public constant decimals = 18;

    address public immutable getOwner;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(uint256 supply) {
        getOwner = msg.sender;
        _mint(supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, "BEP20: transfer amount exceeds allowance");
        allowance[from][msg.sender] = allowed - value;
        _move(from, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function mint(uint256 value) external returns (bool) {
        require(msg.sender == getOwner, "Ownable: caller is not the owner");
        _mint(value);
        return true;
    }

    function _mint(uint256 value) private {
        totalSupply += value;
        balanceOf[getOwner] += value;
        emit Transfer(address(0), getOwner, value);
    }

    function _move(address from, address to, uint256 value) private {
        require(to != address(0), "BEP20: transfer to the zero address");
        require(balanceOf[from] >= value, "BEP20: transfer amount exceeds balance");
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}
