<?php
/**
 * As much of Magento as the module touches, so that tests render its template. Reads a product as JSON from stdin: {id, title,
 * image, edge, source, attributes: [code], variants: [{id, available, choice: [text]}]}.
 */

namespace Magento\Framework\View\Element\Block { interface ArgumentInterface {} }

namespace Magento\Framework\App\Config { interface ScopeConfigInterface { public function getValue($path, $scope = null, $code = null); } }

namespace Magento\Store\Model { interface ScopeInterface { const SCOPE_STORE = 'store'; } }

namespace Magento\Catalog\Model {
    class Product
    {
        public array $data;
        public function __construct(array $data) { $this->data = $data; }
        public function getId() { return $this->data['id']; }
        public function getName() { return $this->data['title'] ?? ''; }
        public function getTypeId() { return count($this->data['variants'] ?? []) > 1 ? 'configurable' : 'simple'; }
        public function isSalable() { return $this->data['available'] ?? (bool)array_filter(array_column($this->data['variants'], 'available')); }
        public function getAttributeText($code) { return $this->data['choice'][array_search($code, $this->data['attributes'], true)]; }
        public function getTypeInstance() { return new \ConfigurableType(); }
    }
}

namespace Magento\Catalog\Model\Product\Attribute\Source { class Status { const STATUS_ENABLED = 1; } }

namespace Magento\CatalogInventory\Model\ResourceModel\Stock {
    class Status
    {
        public function addStockDataToCollection($collection, $isFilterInStock) { $collection->stock = true; $collection->sold = !$isFilterInStock; return $collection; }
    }
}

namespace Magento\Catalog\Helper {
    class Data
    {
        private $product;
        public function __construct($product) { $this->product = $product; }
        public function getProduct() { return $this->product; }
    }
    class Image
    {
        private $product;
        public function init($product, $id) { $this->product = $product; return $this; }
        public function getUrl() { return $this->product->data['image'] ?? ''; }
    }
}

namespace {
    class Code
    {
        private $code;
        public function __construct($code) { $this->code = $code; }
        public function getProductAttribute() { return $this; }
        public function getAttributeCode() { return $this->code; }
    }

    class ConfigurableType
    {
        public function getConfigurableAttributes($product) { return array_map(fn ($c) => new Code($c), $product->data['attributes']); }
        public function getUsedProducts($product) { return iterator_to_array($this->getUsedProductCollection($product)); }
        public function getUsedProductCollection($product) { return new Simples($product); }
    }

    /**
     * The simple products as Magento's collection gives them with its default settings: sold-out ones are left out, unless a flag
     * says that stock was seen to; without stock data each enabled one can be sold; attributes that were not asked for have no text.
     */
    class Simples implements IteratorAggregate
    {
        public $stock = false;
        public $sold = false;
        private $product;
        private $flags = [];
        private $selected = [];
        private $enabled = false;
        public function __construct($product) { $this->product = $product; }
        public function setFlag($name, $value) { $this->flags[$name] = $value; return $this; }
        public function addAttributeToSelect($code) { $this->selected[$code] = true; return $this; }
        public function addAttributeToFilter($code, $value) { $this->enabled = $code === 'status' && $value === 1; return $this; }
        public function addFilterByRequiredOptions() { return $this; }
        public function getIterator(): Iterator
        {
            $whole = !empty($this->flags['has_stock_status_filter']) && (!$this->stock || $this->sold);
            foreach ($this->product->data['variants'] as $v) {
                if (($whole || $v['available']) && !($this->enabled && !empty($v['disabled']))) {
                    $known = ['available' => !$whole || $this->stock ? $v['available'] : true];
                    $text = array_map(fn ($code, $value) => isset($this->selected[$code]) ? $value : '', $this->product->data['attributes'], $v['choice']);
                    yield new Magento\Catalog\Model\Product($known + ['choice' => $text, 'attributes' => $this->product->data['attributes']] + $v);
                }
            }
        }
    }

    class Settings implements Magento\Framework\App\Config\ScopeConfigInterface
    {
        public $shop;
        public function __construct($shop) { $this->shop = $shop; }
        public function getValue($path, $scope = null, $code = null) { return $this->shop[basename($path)] ?? null; }
    }

    class Escaper { public function escapeUrl($s) { return htmlspecialchars($s, ENT_QUOTES); } }

    class Block
    {
        public $model;
        public function getData($name) { return $this->model; }
    }

    $shop = json_decode(stream_get_contents(STDIN), true, 16, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
    $module = __DIR__ . '/../magento/Restock/Widget';
    require $module . '/ViewModel/Product.php';
    $product = new Magento\Catalog\Model\Product($shop);
    $escaper = new Escaper();
    $block = new Block();
    $block->model = new Restock\Widget\ViewModel\Product(new Magento\Catalog\Helper\Data($product), new Magento\Catalog\Helper\Image(), new Settings($shop), new Magento\CatalogInventory\Model\ResourceModel\Stock\Status());
    require $module . '/view/frontend/templates/product.phtml';
}
